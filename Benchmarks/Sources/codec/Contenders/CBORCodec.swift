internal import LMKV
import Records

/// LMKV's CBOR, the form in which it keeps values.
struct CBORCodec: RecordCodec {
  static let name = "lmkv"

  func value(of record: Record) -> Record { record }

  func encode(_ value: Record) throws -> [UInt8] {
    try CBOREncoder().encode(value)
  }

  func decode(_ encoded: [UInt8]) throws -> Record {
    try CBORDecoder().decode(Record.self, from: encoded)
  }
}
