#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A byte string. Also read from an array of integers.
extension Data: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) {
    unsafe withUnsafeBytes { unsafe writer.append(byteString: $0) }
  }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Data {
    let start = reader.offset
    let head = try reader.readHead()
    if head.major == .bytes {
      // The bytes live as long as the input, and Data is a copy.
      return head.isIndefinite
        ? Data(try reader.readBytes(head, start)) : unsafe Data(try reader.take(head.argument, for: start))
    }
    guard head.major == .array else { throw reader.mismatch(Data.self, head, at: start) }
    reader.offset = start
    return Data(try [UInt8].read(from: &reader, in: session, depth: depth))
  }
}

/// Tag 1: Unix seconds, an integer when they are whole, else a float (today in steps of about 0.24 microseconds).
extension Date: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) throws {
    try writer.checkDepth(adding: 1)
    writer.append(self)
  }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Date {
    let start = reader.offset
    try reader.readTag(CBOR.Tag.epochDate, for: Date.self, depth: depth)
    do throws(CBORFault) {
      return try reader.readEpochDate()
    } catch {
      throw CBORFault(error.reason, at: start)
    }
  }
}

extension CBORWriter {
  func append(_ date: Date) {
    append(tag: CBOR.Tag.epochDate)
    let seconds = date.timeIntervalSince1970
    if let whole = Int64(exactly: seconds) { append(whole) } else { append(seconds) }
  }
}

extension CBORReader {
  /// Reads the number in a date's tag.
  mutating func readEpochDate() throws(CBORFault) -> Date {
    Date(timeIntervalSince1970: try readDouble(Date.self))
  }

  /// Goes past this tag or throws that there is no `type` here.
  @inline(__always)
  mutating func readTag(_ tag: UInt64, for type: any Any.Type, depth: Int) throws(CBORFault) {
    let start = offset
    let head = try readHead()
    guard head.major == .tag, head.argument == tag else { throw mismatch(type, head, at: start) }
    guard depth < CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
  }

  /// Goes past this tag where it is the next thing.
  fileprivate mutating func readTagIfPresent(_ tag: UInt64) throws(CBORFault) -> Bool {
    let start = offset
    let head = try readHead()
    if head.major == .tag, head.argument == tag { return true }
    offset = start
    return false
  }
}

/// Tag 32, a text. Also read from plain text.
extension URL: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) throws {
    try writer.checkDepth(adding: 1)
    writer.append(tag: CBOR.Tag.uri)
    writer.append(absoluteString)
  }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> URL {
    let start = reader.offset
    _ = try reader.readTagIfPresent(CBOR.Tag.uri)
    guard let url = URL(string: try reader.readString()) else {
      throw CBORFault(.unfit("The text is not a URL"), at: start)
    }
    return url
  }
}

/// Tag 37, 16 bytes. Also read from text.
extension UUID: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) throws {
    try writer.checkDepth(adding: 1)
    writer.append(tag: CBOR.Tag.uuid)
    unsafe Swift.withUnsafeBytes(of: uuid) { unsafe writer.append(byteString: $0) }
  }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> UUID {
    let start = reader.offset
    if try reader.readTagIfPresent(CBOR.Tag.uuid) {
      let bytes = try reader.readBytes(UUID.self)
      guard bytes.count == 16 else { throw CBORFault(.unfit("A UUID has 16 bytes, not \(bytes.count)"), at: start) }
      // 16 bytes, which is the size of uuid_t; the tuple of bytes has no invalid pattern.
      return unsafe UUID(uuid: bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: uuid_t.self) })
    }
    let head = try reader.readHead()
    reader.offset = start
    guard head.major == .text else { throw reader.mismatch(UUID.self, head, at: start) }
    guard let uuid = UUID(uuidString: try reader.readString()) else {
      throw CBORFault(.unfit("The text is not a UUID"), at: start)
    }
    return uuid
  }
}
