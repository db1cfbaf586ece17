/// What a write transaction changes in its databases, as bytes in the order of the changes.
///
/// A layer above that keeps a log of its own switches it on inside the transaction, and takes the bytes before it
/// commits. A child transaction that is aborted takes its changes out again. Only what goes through ``RawTransaction``
/// and ``RawCursor`` is recorded, and of that not ``RawTransaction/reserve(_:for:in:_:)``.
///
/// One change is: a byte for its kind, and as LEB128 numbers with the bytes that they count: the index of the database
/// in the list of names, then the key's length, then, for a put, the value's length.
///
/// One object serves one transaction after the other, on the thread that has the turn to write.
// The memory is its own and lives as long as the object; every write is preceded by `makeRoom`. No method runs code of
// others while it changes a property, so that no access can meet another: each is checked for nothing.
@safe package final class ChangeRecorder {
  package enum Kind: UInt8 {
    case put = 1
    case delete
    case empty
  }

  /// How far the record had come at some moment.
  package struct Mark {
    fileprivate let count: Int
    fileprivate let databases: Int
  }

  /// A buffer larger than this is given back by ``reset()``.
  private static let keptCapacity = 1 << 20
  /// Beyond this nothing is recorded any more: it would take as much memory again as what is written.
  package static let limit = 1 << 24

  @safe @exclusivity(unchecked) package var isOn = false
  @safe @exclusivity(unchecked) private var base: UnsafeMutableRawPointer
  @safe @exclusivity(unchecked) private var capacity = 4_096
  @safe @exclusivity(unchecked) package private(set) var count = 0
  /// Whether there was more than can be recorded; what is recorded means nothing then.
  @safe @exclusivity(unchecked) package private(set) var hasOverflowed = false
  /// The databases that were changed, in the order in which they first were.
  @safe @exclusivity(unchecked) package private(set) var databases: [UInt32] = []

  package init() {
    base = .allocate(byteCount: capacity, alignment: 8)
  }

  deinit {
    unsafe base.deallocate()
  }

  package var mark: Mark { Mark(count: count, databases: databases.count) }

  /// Forgets what was recorded after a mark.
  package func rewind(to mark: Mark) {
    count = mark.count
    // The number of one that was opened since may soon be another's.
    databases.removeSubrange(mark.databases...)
  }

  /// Forgets everything and switches the recorder off.
  package func reset() {
    isOn = false
    hasOverflowed = false
    count = 0
    if !databases.isEmpty { databases.removeAll(keepingCapacity: true) }
    if capacity > Self.keptCapacity { reallocate(to: 4_096) }
  }

  /// Lends the bytes of all changes so far.
  package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
  }

  func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, in database: UInt32) {
    guard makeRoom(32 + key.count + value.count) else { return }
    begin(.put, database)
    unsafe append(key)
    unsafe append(value)
  }

  func delete(_ key: UnsafeRawBufferPointer, in database: UInt32) {
    guard makeRoom(32 + key.count) else { return }
    begin(.delete, database)
    unsafe append(key)
  }

  func empty(_ database: UInt32) {
    guard makeRoom(32) else { return }
    begin(.empty, database)
  }

  private func begin(_ kind: Kind, _ database: UInt32) {
    unsafe base.storeBytes(of: kind.rawValue, toByteOffset: count, as: UInt8.self)
    count += 1
    append(number: index(of: database))
  }

  private func index(of database: UInt32) -> Int {
    if let index = databases.lastIndex(of: database) { return index }
    databases.append(database)
    return databases.count - 1
  }

  private func append(_ bytes: UnsafeRawBufferPointer) {
    append(number: bytes.count)
    if let start = bytes.baseAddress { unsafe (base + count).copyMemory(from: start, byteCount: bytes.count) }
    count += bytes.count
  }

  private func append(number: Int) {
    var rest = UInt(number)
    while rest >= 0x80 {
      unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
      count += 1
      rest >>= 7
    }
    unsafe base.storeBytes(of: UInt8(rest), toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Whether there is room for so much more.
  @inline(__always)
  private func makeRoom(_ size: Int) -> Bool {
    if count + size <= capacity, !hasOverflowed { return true }
    guard !hasOverflowed, count + size <= Self.limit else {
      hasOverflowed = true
      return false
    }
    reallocate(to: max(capacity * 2, count + size))
    return true
  }

  private func reallocate(to newCapacity: Int) {
    let new = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
    unsafe new.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = new
    capacity = newCapacity
  }
}
