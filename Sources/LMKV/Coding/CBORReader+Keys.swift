extension CBORReader {
  /// Reads a map's key where it is one that `Codable` knows: text or an integer. Leaves the reader behind it, or
  /// where it was when it is another.
  mutating func readKey() -> CBORKey? {
    let start = offset
    if let text = try? readString() { return CBORKey(stringValue: text) }
    offset = start
    if let integer = try? readInteger(Int.self) { return CBORKey(intValue: integer) }
    offset = start
    return nil
  }

  /// Whether the key here is this text or this integer. Goes past it when it is; else stays.
  @inline(__always)
  mutating func match(_ text: UnsafeBufferPointer<UInt8>, _ integer: @autoclosure () -> Int?) throws(CBORFault) -> Bool
  {
    let start = offset
    let head = try readHead()
    var matches = false
    if head.major == .text, !head.isIndefinite {
      if head.argument == UInt64(text.count) {
        // Both ranges hold as many bytes; the key's lives for the caller's call.
        let found = unsafe try take(head.argument, for: start)
        matches = unsafe found.elementsEqualTo(text)
      }
    } else {
      matches = unsafe try matchRare(head, text, integer(), start)
    }
    if !matches { offset = start }
    return matches
  }

  @inline(never)
  private mutating func matchRare(
    _ head: CBORHead,
    _ text: UnsafeBufferPointer<UInt8>,
    _ integer: Int?,
    _ start: Int
  ) throws(CBORFault) -> Bool {
    switch head.major {
    case .unsigned: return integer.flatMap { UInt64(exactly: $0) } == head.argument
    case .negative: return integer.map { $0 < 0 && UInt64(~$0) == head.argument } ?? false
    case .text: return unsafe try readChunkedString(start).utf8.elementsEqual(text)
    default: return false
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether two buffers of one length hold the same bytes.
  @inline(__always)
  func elementsEqualTo(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count > 0 else { return true }
    var index = 0
    // Eight bytes at a time, then the rest; both buffers are `count` long.
    while index + 8 <= count {
      let left = unsafe loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let right = unsafe UnsafeRawBufferPointer(other).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if left != right { return false }
      index += 8
    }
    while index < count {
      if unsafe self[index] != other[index] { return false }
      index += 1
    }
    return true
  }
}
