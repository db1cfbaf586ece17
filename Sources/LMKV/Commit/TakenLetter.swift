internal import ControlPage

/// A letter of another process that this one has taken: the verbs in it, which run in the batch as those of threads do.
///
/// Its verbs are read once, so that nothing changes under the eyes of whoever runs them.
struct TakenLetter {
  let box: Mailbox
  private let state: Mailbox.State
  let writes: [PostedWrite]

  /// Nil where the bytes are no letter; its owner has been told.
  init?(_ box: Mailbox, _ store: Store, _ shared: SharedStore) {
    self.box = box
    state = box.state
    let durability: Durability =
      box.interval == 0 ? .full : .relaxed(flushEvery: .nanoseconds(Int64(clamping: box.interval)))
    let length = box.length
    writes = unsafe box.withBytes { bytes in
      var writes: [PostedWrite] = []
      var offset = 0
      let letter = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
      while offset < length, let (verb, next) = unsafe PlainVerb.read(letter, at: offset) {
        writes.append(PostedWrite(store, shared, durability, verb, offset))
        offset += next
      }
      return offset == length ? writes : []
    }
    guard !writes.isEmpty else {
      box.answer(state, .refused)
      return nil
    }
  }

  /// Whether its owner waits for the disk.
  var isDurable: Bool { writes[0].durability == .full }

  /// Before the commit. What failed is left to the owner.
  func writeAnswers() {
    unsafe box.withBytes { bytes in
      for write in writes where write.error == nil {
        unsafe PlainVerb.writeAnswer(write.answer, to: bytes, at: write.offset)
      }
    }
  }

  func markExecuted(transaction: UInt64, revision: UInt64) {
    writeAnswers()
    box.markExecuted(state, transaction: transaction, revision: revision)
  }

  func markCommitted(position: UInt64?) {
    box.markCommitted(state, position: position ?? 0)
  }

  func answer(_ phase: Mailbox.Phase) {
    box.answer(state, phase)
  }
}

extension [TakenLetter] {
  /// Answers those whose owners do not wait for the disk.
  func answerRelaxed() {
    for letter in self where !letter.isDurable { letter.answer(.done) }
  }

  /// Answers all that have no answer yet.
  func answerAll() {
    for letter in self { letter.answer(.done) }
  }
}

/// A verb out of a letter, in the batch of the process that does it.
final class PostedWrite: QueuedWrite, @unchecked Sendable {
  let verb: PlainVerb
  /// Where it is in the letter.
  let offset: Int
  private(set) var answer: Int64 = 0

  init(_ store: Store, _ shared: SharedStore, _ durability: Durability, _ verb: PlainVerb, _ offset: Int) {
    self.verb = verb
    self.offset = offset
    super.init(store, shared, durability, .repeatable, nil, needsOwnThread: false)
  }

  override func run(_ transaction: Transaction) throws {
    answer = try verb.run(transaction)
  }
}
