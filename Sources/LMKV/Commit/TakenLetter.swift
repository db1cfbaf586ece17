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
    let length = box.length
    writes = unsafe box.withBytes { bytes in
      var writes: [PostedWrite] = []
      var offset = 0
      let letter = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
      while offset < length, let (verb, next) = unsafe PlainVerb.read(letter, at: offset) {
        writes.append(PostedWrite(store, shared, verb, offset))
        offset += next
      }
      return offset == length ? writes : []
    }
    guard !writes.isEmpty else {
      box.answer(state, .refused)
      box.wakeAnswered()
      return nil
    }
  }

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

  func answer(_ phase: Mailbox.Phase, next: Self? = nil) {
    box.answer(state, phase, next: next?.box)
  }
}

extension [TakenLetter] {
  func answerDone() { answer(.done) }

  func refuse() { answer(.refused) }

  /// Answers all, and wakes the first owner. To wake a process costs more than to do what it wants; so each wakes the
  /// next, while the one who has done it goes on.
  private func answer(_ phase: Mailbox.Phase) {
    for (letter, next) in zip(self, dropFirst().map(Optional.some) + [nil]) { letter.answer(phase, next: next) }
    first?.box.wakeAnswered()
  }
}

/// A verb out of a letter, in the batch of the process that does it.
final class PostedWrite: QueuedWrite, @unchecked Sendable {
  let verb: PlainVerb
  /// Where it is in the letter.
  let offset: Int
  private(set) var answer: Int64 = 0

  init(_ store: Store, _ shared: SharedStore, _ verb: PlainVerb, _ offset: Int) {
    self.verb = verb
    self.offset = offset
    super.init(store, shared, .full, .repeatable, nil, needsOwnThread: false)
  }

  override func run(_ transaction: Transaction) throws {
    answer = try verb.run(transaction)
  }
}
