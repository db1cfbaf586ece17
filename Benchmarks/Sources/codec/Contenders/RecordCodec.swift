import Records

/// One way to turn a record into bytes and back.
protocol RecordCodec {
  /// The record in the form that this codec takes; making it is not measured.
  associatedtype Value: Equatable
  associatedtype Encoded: Collection<UInt8>

  static var name: String { get }

  init()
  func value(of record: Record) -> Value
  func encode(_ value: Value) throws -> Encoded
  func decode(_ encoded: Encoded) throws -> Value
}
