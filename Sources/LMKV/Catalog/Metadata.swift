internal import Foundation
internal import LMDB

/// The named DB `lmkv`: what a store is, and its catalog. Keys are UTF-8, values CBOR.
///
/// | key | value |
/// |---|---|
/// | `format` | 2 |
/// | `uuid` | 16 bytes, tag 37: this store, for ever |
/// | `revision` | an upper bound of the revisions given out, raised in steps, for when the ``Head`` is lost |
/// | `scope/NAME` | the name of the scope's named DB |
/// | `retired/DB` | null: the named DB of a dropped scope, empty |
@unsafe struct Metadata {
  static let databaseName = "lmkv"
  static let format = 2
  static let scopePrefix = "scope/"
  static let retiredPrefix = "retired/"
  /// What this version reads, and makes its own when it may write.
  static let readableFormats = 1...format
  /// How far the bound lies ahead of the revisions.
  ///
  /// So far that it is hardly ever raised but when a store is opened: that takes one page more than other transactions,
  /// and what this one leaves of the pages that LMDB has taken up for it makes all that follow scatter theirs over the
  /// file, which costs each of them a system call or two.
  static let revisionStep: UInt64 = 1 << 32

  let transaction: RawTransaction
  let database: UInt32

  // MARK: Reading

  func format() throws -> Int? {
    unsafe try read(Int.self, "format")
  }

  func uuid() throws -> UUID? {
    unsafe try read(UUID.self, "uuid")
  }

  func revisionBound() throws -> UInt64? {
    unsafe try read(UInt64.self, "revision")
  }

  /// The head of a store that was loaded from a dump, in which there is none: no revision was given out twice.
  func headAfterLoading() throws -> Head {
    Head(revision: unsafe try revisionBound() ?? 0, generation: 1)
  }

  /// Whether less than half a step is left below the bound.
  func isBoundNear(_ revision: UInt64) throws -> Bool {
    try unsafe revisionBound() ?? 0 < revision + Self.revisionStep / 2
  }

  func catalog(generation: UInt64) throws -> Catalog {
    var databases: [ExactString: String] = [:]
    var retired: Set<ExactString> = []
    unsafe try forEach(withPrefix: Self.scopePrefix) {
      databases[ExactString($0)] = unsafe try decode(String.self, from: $1, Self.scopePrefix + $0)
    }
    unsafe try forEach(withPrefix: Self.retiredPrefix) { name, _ in retired.insert(ExactString(name)) }
    return Catalog(generation: generation, databases: databases, retired: retired)
  }

  private func forEach(withPrefix prefix: String, _ body: (String, UnsafeRawBufferPointer) throws -> Void) throws {
    let cursor = unsafe try RawCursor(transaction, database)
    defer { unsafe cursor.close() }
    let range = KeyRange.prefix(prefix)
    var entry = unsafe try cursor.enter(range, backwards: false)
    while let current = unsafe entry {
      let name = unsafe String(decoding: current.key.dropFirst(prefix.utf8.count), as: UTF8.self)
      unsafe try body(name, current.value)
      unsafe entry = try cursor.advance(in: range, backwards: false)
    }
  }

  private func read<T: Decodable>(_ type: T.Type, _ name: String) throws -> T? {
    unsafe try name.withKeyBytes { key in
      guard let bytes = unsafe try transaction.get(key, in: database) else { return nil }
      return unsafe try decode(type, from: bytes, name)
    }
  }

  private func decode<T: Decodable>(_ type: T.Type, from bytes: UnsafeRawBufferPointer, _ key: String) throws -> T {
    do {
      return unsafe try ValueCoding.decode(type, from: bytes)
    } catch is DecodingError {
      throw LMDBError(.corrupted, "the record \"\(key)\" of the store itself is no \(type)")
    }
  }

  // MARK: Writing

  /// Makes an empty environment a store.
  func initialize() throws {
    unsafe try write(Self.format, "format")
    unsafe try write(UUID(), "uuid")
    unsafe try write(Self.revisionStep, "revision")
  }

  /// Makes a store one of this version: versions before it refuse it from now on, and do not find a head without sense.
  func upgrade() throws {
    unsafe try write(Self.format, "format")
  }

  func raiseRevisionBound(above revision: UInt64) throws {
    unsafe try write(revision + Self.revisionStep, "revision")
  }

  func setScope(_ name: String, database databaseName: String) throws {
    unsafe try write(databaseName, Self.scopePrefix + name)
    unsafe try delete(Self.retiredPrefix + databaseName)
  }

  func removeScope(_ name: String) throws {
    unsafe try delete(Self.scopePrefix + name)
  }

  func retire(database databaseName: String) throws {
    unsafe try write(String?.none, Self.retiredPrefix + databaseName)
  }

  private func write(_ value: some Encodable, _ key: String) throws {
    let writer = CBORWriter()
    try writer.encode(value)
    unsafe try key.withKeyBytes { key in
      unsafe try writer.withUnsafeBytes { unsafe try transaction.put($0, for: key, in: database) }
    }
  }

  private func delete(_ key: String) throws {
    _ = unsafe try key.withKeyBytes { unsafe try transaction.delete($0, in: database) }
  }
}
