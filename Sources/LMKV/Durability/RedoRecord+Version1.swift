extension RedoRecord {
  private static let firstMagic: UInt32 = 0x524B_4D4C
  private static let firstHeadSize = 72

  /// A record of a log that version 1 has written: its head has other places, its checksum is over all of it with zeros in
  /// its own place, and a filler has none.
  init?(version1 bytes: UnsafeRawBufferPointer, at position: UInt64) {
    guard bytes.count >= Self.firstHeadSize else { return nil }
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) -> T {
      // Every offset lies within the head.
      unsafe T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    guard load(0) == Self.firstMagic, let kind = Kind(rawValue: load(4)), kind != .anchor, load(16) == position else {
      return nil
    }
    let length: UInt64 = load(8)
    guard length >= UInt64(Self.firstHeadSize), length % 8 == 0, length <= UInt64(bytes.count) else { return nil }
    let isFiller = kind == .filler
    let (names, changes) = isFiller ? (0, 0) : (Int(load(56, as: UInt32.self)), Int(load(60, as: UInt32.self)))
    guard UInt64(Self.firstHeadSize + names + changes) <= length else { return nil }
    if !isFiller {
      var whole = unsafe ByteFields([UInt8](bytes[..<Int(length)]))
      whole.store(UInt64(0), 64)
      guard XXHash64.hash(whole.bytes[...]) == load(64) else { return nil }
    }
    self.kind = kind
    self.position = position
    transactionID = load(24)
    revision = load(32)
    generation = load(40)
    synced = 0
    images = 0
    let namesEnd = Self.firstHeadSize + names
    unsafe self.names = UnsafeRawBufferPointer(rebasing: bytes[Self.firstHeadSize..<namesEnd])
    unsafe self.changes = UnsafeRawBufferPointer(rebasing: bytes[namesEnd..<namesEnd + changes])
    end = position + length
  }
}
