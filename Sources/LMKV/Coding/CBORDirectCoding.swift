/// A type that writes itself as one CBOR item without going through the containers of `Codable`.
protocol CBORDirectEncodable {
  /// Appends exactly one item, or throws; the caller takes back what a throwing call has written.
  ///
  /// `key` is where the item's key begins in the writer's bytes, for a coding path, or -1.
  func write(to writer: CBORWriter, key: Int) throws
}

/// A type that reads itself from one CBOR item without going through the containers of `Codable`.
protocol CBORDirectDecodable {
  /// Reads exactly one item and leaves the reader behind it.
  ///
  /// `depth` is how many arrays, maps and tags are open around the item.
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Self
}

typealias CBORDirectCodable = CBORDirectEncodable & CBORDirectDecodable
