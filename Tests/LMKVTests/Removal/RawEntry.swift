import LMDB
import LMKV
import Testing

/// Writes an entry past the store's verbs, as another program could: with any key and any expiry (Unix milliseconds).
/// The value is the integer 7. The scope must exist.
func putRaw(_ store: Store, scope: String, key: [UInt8], expiry: Int64?) throws {
  func bigEndian(_ value: Int64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }
  let entry = [expiry == nil ? 0x10 : 0x11] + bigEndian(1) + (expiry.map(bigEndian) ?? []) + [0x07]
  let name = try #require(try store.scopeInfo(scope)).database
  let environment = try Environment.open(store.path)
  let database = try #require(try environment.openDatabase(name))
  try environment.write { try $0.put(entry, for: key, in: database) }
}
