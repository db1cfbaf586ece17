internal import LMDB

/// Reads what a ``ChangeRecorder`` has written.
@unsafe struct ChangeReader {
  @unsafe struct Change {
    let kind: ChangeRecorder.Kind
    /// Its index in the list of names.
    let database: Int
    let key: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
  }

  var isAtEnd: Bool { unsafe offset == bytes.count }

  /// The next change. Nil at the end, or where the bytes are no change.
  mutating func next() -> Change? {
    let start = unsafe offset
    if let change = unsafe change() { return unsafe change }
    unsafe offset = start
    return nil
  }

  private mutating func change() -> Change? {
    guard unsafe offset < bytes.count, let kind = unsafe ChangeRecorder.Kind(rawValue: bytes[offset]) else {
      return nil
    }
    unsafe offset += 1
    guard let database = unsafe number() else { return nil }
    let empty = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    guard kind != .empty else { return unsafe Change(kind: kind, database: database, key: empty, value: empty) }
    guard let key = unsafe counted() else { return nil }
    guard kind == .put else { return unsafe Change(kind: kind, database: database, key: key, value: empty) }
    guard let value = unsafe counted() else { return nil }
    return unsafe Change(kind: kind, database: database, key: key, value: value)
  }

  private mutating func counted() -> UnsafeRawBufferPointer? {
    guard let count = unsafe number(), unsafe count <= bytes.count - offset else { return nil }
    defer { unsafe offset += count }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  private mutating func number() -> Int? {
    var result = 0
    var shift = 0
    while unsafe offset < bytes.count, shift < 63 {
      let byte = unsafe bytes[offset]
      unsafe offset += 1
      result |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    return nil
  }
}
