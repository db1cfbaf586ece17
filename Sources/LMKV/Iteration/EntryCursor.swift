internal import LMDB

/// Walks over the entries of a scope that a selection chooses, one at a time, in a snapshot or transaction.
///
/// In a transaction the entries may change under it: then it goes on behind the last key that it gave out.
@usableFromInline
@safe final class EntryCursor {
  /// An entry in its place in the map: valid until the next step, and the next write.
  @usableFromInline
  @unsafe struct Lent {
    @usableFromInline let key: UnsafeRawBufferPointer
    @usableFromInline let header: EntryHeader
    /// The CBOR of the value.
    @usableFromInline let value: UnsafeRawBufferPointer
  }

  let snapshot: Snapshot
  private let scope: ScopeBinding
  private let pattern: Pattern?
  private let isReversed: Bool
  /// Where the selection ends in its direction. Nil: with the last key there is. Constant, unlike `range`, so that a step
  /// need not retain it.
  private let end: KeyRange?
  /// Only a transaction can write between two steps.
  private let isWritable: Bool
  private var range: KeyRange
  private var cursor: RawCursor?
  private var remaining: Int
  private var lastKey: [UInt8] = []
  private var isStarted = false
  private var isDone = false
  private var seenWrites = 0

  init(_ snapshot: Snapshot, _ scope: ScopeBinding, _ selection: KeySelection) {
    self.snapshot = snapshot
    self.scope = scope
    pattern = selection.pattern
    isReversed = selection.isReversed
    let range = selection.keyRange
    let end = isReversed ? KeyRange(lower: range.lower) : KeyRange(upper: range.upper)
    self.end = end == .all ? nil : end
    self.range = range
    isWritable = snapshot is Transaction
    remaining = selection.limit ?? .max
  }

  deinit { suspend() }

  /// Lends the next living entry. Nil at the end.
  @usableFromInline
  func next() throws -> Lent? {
    try snapshot.lease?.enter()
    defer { snapshot.lease?.leave() }
    do {
      while !isDone, remaining > 0, let entry = unsafe try step() {
        let header = unsafe try EntryReading.header(
          of: entry.value,
          key: String(decoding: entry.key, as: UTF8.self),
          in: scope.name
        )
        if header.expiry != nil, header.isExpired(at: snapshot.now) { continue }
        if let pattern, unsafe !pattern.matches(entry.key) { continue }
        remaining -= 1
        let value = unsafe UnsafeRawBufferPointer(rebasing: entry.value[header.size...])
        return unsafe Lent(key: entry.key, header: header, value: value)
      }
    } catch let error as LMDBError {
      throw snapshot.store.errors(error)
    }
    finish()
    return nil
  }

  /// Gives the LMDB cursor back. The next step opens a new one behind the last key.
  func suspend() {
    if let cursor = unsafe cursor { unsafe cursor.close() }
    unsafe cursor = nil
  }

  private func finish() {
    isDone = true
    suspend()
  }

  private func step() throws -> RawEntry? {
    let isMoved = seenWrites != snapshot.writeCount
    seenWrites = snapshot.writeCount
    let entry: RawEntry?
    if let cursor = unsafe cursor, !isMoved {
      if let end {
        unsafe entry = try cursor.advance(in: end, backwards: isReversed)
      } else {
        unsafe entry = try cursor.move(isReversed ? .previous : .next)
      }
    } else {
      unsafe entry = try enter()
    }
    // Only there is the key worth a copy.
    if isWritable, let entry = unsafe entry { lastKey = unsafe [UInt8](entry.key) }
    return unsafe entry
  }

  private func enter() throws -> RawEntry? {
    if isStarted {
      if isReversed { range.upper = .excluding(lastKey) } else { range.lower = .excluding(lastKey) }
    }
    isStarted = true
    suspend()
    let entry: RawEntry?? = unsafe try snapshot.withDatabase(scope) { raw, database in
      let opened = unsafe try RawCursor(raw, database)
      unsafe cursor = unsafe opened
      snapshot.register(self)
      return unsafe try opened.enter(range, backwards: isReversed)
    }
    return unsafe entry ?? nil
  }
}
