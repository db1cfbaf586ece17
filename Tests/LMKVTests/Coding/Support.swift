import Foundation
import LMKV
import Testing

/// The bytes of a hexadecimal text; spaces are for the reader.
func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Encodes, checks the bytes where they are given, decodes and expects the same again.
func roundTrip<T: Codable & Equatable>(
  _ value: T,
  _ expected: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let encoded = try CBOREncoder().encode(value)
  if let expected { #expect(hex(encoded) == hex(bytes(expected)), sourceLocation: sourceLocation) }
  #expect(try CBORDecoder().decode(T.self, from: encoded) == value, sourceLocation: sourceLocation)
  // The decoder's view of the whole item agrees with Value's, and that gives the same bytes.
  let dynamic = try CBORDecoder().decode(Value.self, from: encoded)
  #expect(hex(try CBOREncoder().encode(dynamic)) == hex(encoded), sourceLocation: sourceLocation)
}

/// The error of a decoding that has to fail.
func decodingError<T: Decodable>(
  _ type: T.Type,
  _ hex: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> DecodingError {
  try #require(throws: DecodingError.self, sourceLocation: sourceLocation) {
    _ = try CBORDecoder().decode(type, from: bytes(hex))
  }
}

extension DecodingError {
  var context: Context {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context
    @unknown default: Context(codingPath: [], debugDescription: "")
    }
  }

  var kind: String {
    switch self {
    case .typeMismatch: "typeMismatch"
    case .valueNotFound: "valueNotFound"
    case .keyNotFound: "keyNotFound"
    case .dataCorrupted: "dataCorrupted"
    @unknown default: "unknown"
    }
  }

  var path: String { context.codingPath.map(\.stringValue).joined(separator: ".") }
}
