/// Numbers at fixed places of a record, little-endian.
struct ByteFields {
  var bytes: [UInt8]

  init(count: Int) {
    bytes = [UInt8](repeating: 0, count: count)
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type = T.self) -> T {
    var value: T = 0
    for index in (0..<MemoryLayout<T>.size).reversed() {
      value = value << 8 | T(truncatingIfNeeded: bytes[offset + index])
    }
    return value
  }

  mutating func store<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
    for index in 0..<MemoryLayout<T>.size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  func slice(_ offset: Int, _ count: Int) -> [UInt8] {
    Array(bytes[offset..<offset + count])
  }

  mutating func store(bytes new: [UInt8], _ offset: Int) {
    bytes.replaceSubrange(offset..<offset + new.count, with: new)
  }
}
