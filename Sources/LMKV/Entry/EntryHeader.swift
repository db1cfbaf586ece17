/// The bytes in front of each stored value.
///
/// | bytes | what |
/// |---|---|
/// | 1 | high nibble: layout 1; bit 0: has an expiry |
/// | 8 | revision of the transaction that wrote the entry, big-endian |
/// | 0 or 8 | expiry in milliseconds since 1970, signed, big-endian |
@usableFromInline
struct EntryHeader {
  let revision: UInt64
  /// Milliseconds since 1970 from which on the entry is gone. Nil: never.
  let expiry: Int64?

  private static let layout: UInt8 = 0x10
  private static let expires: UInt8 = 0x01

  /// Reads the header. Nil where the bytes are no entry of a known layout.
  @inline(__always)
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 9 else { return nil }
    let first = unsafe bytes[0]
    guard first & ~Self.expires == Self.layout else { return nil }
    revision = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    guard first & Self.expires != 0 else {
      expiry = nil
      return
    }
    guard bytes.count >= 17 else { return nil }
    expiry = unsafe Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 9, as: Int64.self))
  }

  @inline(__always)
  init(revision: UInt64, expiry: Int64?) {
    self.revision = revision
    self.expiry = expiry
  }

  /// How many bytes lie before the value.
  @inline(__always)
  var size: Int { expiry == nil ? 9 : 17 }

  @inline(__always)
  func isExpired(at now: Int64) -> Bool {
    expiry.map { $0 <= now } ?? false
  }

  @inline(__always)
  func write(to writer: CBORWriter) {
    writer.append(byte: expiry == nil ? Self.layout : Self.layout | Self.expires)
    writer.append(bigEndian: revision)
    if let expiry { writer.append(bigEndian: expiry) }
  }
}
