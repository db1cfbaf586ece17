internal import LMDB

extension ScopeView {
  /// The value under a key. Nil when the key is absent or has expired.
  ///
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `typeMismatch`, `corrupted`.
  ///
  /// LMDB: `mdb_get`.
  @specialized(where Stored == Int, Access == Snapshot)
  @specialized(where Stored == String, Access == Snapshot)
  @specialized(where Stored == [UInt8], Access == Snapshot)
  @specialized(where Stored == Value, Access == Snapshot)
  @specialized(where Stored == Int, Access == Transaction)
  @specialized(where Stored == String, Access == Transaction)
  @specialized(where Stored == [UInt8], Access == Transaction)
  @specialized(where Stored == Value, Access == Transaction)
  public func get(_ key: String) throws -> Stored? {
    try get(key, as: Stored.self)
  }

  /// The value under a key, read as another type than the scope's.
  public func get<T: Decodable>(_ key: String, as type: T.Type) throws -> T? {
    unsafe try withEntry(key) { _, value in
      unsafe try EntryReading.decode(type, from: value, key: key, in: name)
    }
  }

  /// The value under a key, or another value when the key is absent. Nothing is stored.
  public func get(_ key: String, default defaultValue: @autoclosure () throws -> Stored) throws -> Stored {
    try get(key) ?? defaultValue()
  }

  /// The value under a key that must be there.
  ///
  /// - Throws: ``LMKVError`` with `keyNotFound`, and as `get(_:)`.
  public func require(_ key: String) throws -> Stored {
    guard let value = try get(key) else {
      throw Self.absent(key, in: name)
    }
    return value
  }

  static func absent(_ key: String, in scope: String) -> LMKVError {
    LMKVError(.keyNotFound, "There is no \"\(key)\" in the scope \"\(scope)\".")
  }

  /// The value under a key with its revision and its expiry. Nil when the key is absent or has expired.
  public func entry(_ key: String) throws -> Entry<Stored>? {
    unsafe try withEntry(key) { header, value in
      let decoded = unsafe try EntryReading.decode(Stored.self, from: value, key: key, in: name)
      return Entry(key: key, value: decoded, header)
    }
  }

  /// Whether a key is there and has not expired. A key whose value is null is there.
  public func contains(_ key: String) throws -> Bool {
    unsafe try withEntry(key) { _, _ in true } ?? false
  }

  /// Lends the living entry of a key: its header, and the CBOR of its value.
  @inline(__always)
  func withEntry<R>(_ key: String, _ body: (EntryHeader, UnsafeRawBufferPointer) throws -> R) throws -> R? {
    try access.store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        let found: R?? = unsafe try access.withDatabase(binding) { raw, database in
          guard let entry = unsafe try raw.get(bytes, in: database) else { return nil }
          return unsafe try EntryReading.withLiving(entry, at: access.now, key: key, in: name, body)
        }
        return found ?? nil
      }
    }
  }
}
