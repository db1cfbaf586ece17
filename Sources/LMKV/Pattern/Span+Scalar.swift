/// Stored keys are UTF-8, but the file may have been written by anyone, so nothing here trusts them to be.
extension Span<UInt8> {
  /// The Unicode scalar at an index, and the index after it. Bytes that do not encode a scalar stand for themselves
  /// one by one, with nil as their value.
  @inline(__always)
  func scalar(at index: Int, before end: Int) -> (value: UInt32?, end: Int) {
    let lead = self[index]
    return lead < 0x80 ? (UInt32(lead), index + 1) : longScalar(at: index, before: end)
  }

  /// The same for a byte that is not ASCII.
  private func longScalar(at index: Int, before end: Int) -> (value: UInt32?, end: Int) {
    let lead = self[index]
    let length: Int
    let smallest: UInt32
    var value: UInt32
    switch lead {
    case 0xC2...0xDF: (length, smallest, value) = (2, 0x80, UInt32(lead & 0x1F))
    case 0xE0...0xEF: (length, smallest, value) = (3, 0x800, UInt32(lead & 0x0F))
    case 0xF0...0xF4: (length, smallest, value) = (4, 0x10000, UInt32(lead & 0x07))
    default: return (nil, index + 1)
    }
    guard index + length <= end else { return (nil, index + 1) }
    for offset in 1..<length {
      let byte = self[index + offset]
      guard byte & 0xC0 == 0x80 else { return (nil, index + 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    // Refuses overlong forms, surrogates, and what lies beyond Unicode.
    guard value >= smallest, Unicode.Scalar(value) != nil else { return (nil, index + 1) }
    return (value, index + length)
  }

  /// Whether these bytes stand at an index. They have to fit.
  func holds(_ bytes: [UInt8], at index: Int) -> Bool {
    for offset in bytes.indices where self[index + offset] != bytes[offset] { return false }
    return true
  }
}
