internal import ControlPage

/// A letter of another process that this one has taken: the verbs in it, which run in the batch as those of threads do.
///
/// Its verbs are read once, so that nothing changes under the eyes of whoever runs them.
struct TakenLetter {
  private let box: Mailbox
  private let letter: Mailbox.State
  let writes: [PostedWrite]

  /// Nil where the bytes are no letter; its owner has been told.
  init?(_ box: Mailbox, _ letter: Mailbox.State, _ store: Store, _ shared: SharedStore) {
    self.box = box
    self.letter = letter
    let length = box.length
    writes = unsafe box.withBytes { bytes in
      var writes: [PostedWrite] = []
      var offset = 0
      let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
      while offset < length, let (verb, next) = unsafe PlainVerb.read(text, at: offset) {
        writes.append(PostedWrite(store, shared, verb, offset))
        offset += next
      }
      return offset == length ? writes : []
    }
    guard !writes.isEmpty else {
      box.refuse(letter)
      return nil
    }
  }

  /// What failed gets none: its owner does it himself, and gets an error of his own.
  func writeAnswers() {
    unsafe box.withBytes { bytes in
      for write in writes where write.error == nil {
        unsafe PlainVerb.writeAnswer(write.answer, to: bytes, at: write.offset)
      }
    }
  }

  /// Before the commit.
  func markExecuted(transaction: UInt64) {
    writeAnswers()
    box.markExecuted(letter, transaction: transaction)
  }

  func markCommitted(position: UInt64?) {
    box.markCommitted(letter, position: position ?? 0)
  }

  /// The box, if its owner still waits for it.
  fileprivate func markDone(next: Mailbox?) -> Mailbox? {
    box.markDone(letter, next: next) ? box : nil
  }
}

extension [TakenLetter] {
  /// All is on the disk. To wake a process costs more than to do what it wants; so the first owner is woken here, and
  /// each wakes the next.
  func markDone() {
    var next: Mailbox?
    for letter in reversed() { next = letter.markDone(next: next) ?? next }
    next?.wakeDone()
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
