internal import Foundation
import Records

/// Foundation's JSON with its default strategies, the coders reused.
struct JSONCodec: RecordCodec {
  static let name = "json"

  private let encoder = JSONEncoder()
  private let decoder = JSONDecoder()

  func value(of record: Record) -> Record { record }

  func encode(_ value: Record) throws -> Data {
    try encoder.encode(value)
  }

  func decode(_ encoded: Data) throws -> Record {
    try decoder.decode(Record.self, from: encoded)
  }
}
