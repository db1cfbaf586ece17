internal import Foundation
import Records
internal import SwiftProtobuf

/// The binary form of swift-protobuf, with generated code instead of Codable.
struct ProtobufCodec: RecordCodec {
  static let name = "protobuf"

  func value(of record: Record) -> Benchmark_Record {
    Benchmark_Record.with {
      $0.id = Int64(record.id)
      $0.name = record.name
      $0.score = record.score
      $0.active = record.active
      $0.created = Google_Protobuf_Timestamp(date: record.created)
      $0.tags = record.tags
      $0.author = .with {
        $0.name = record.author.name
        $0.email = record.author.email
        $0.age = Int64(record.author.age)
      }
      $0.payload = record.payload
    }
  }

  func encode(_ value: Benchmark_Record) throws -> [UInt8] {
    try value.serializedBytes()
  }

  func decode(_ encoded: [UInt8]) throws -> Benchmark_Record {
    try Benchmark_Record(serializedBytes: encoded)
  }
}
