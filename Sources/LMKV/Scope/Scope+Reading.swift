internal import LMDB

extension Scope {
  /// The value under a key. Nil when the key is absent or has expired.
  ///
  /// ```swift
  /// let ada = try users.get("ada")
  /// ```
  ///
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `typeMismatch`, `corrupted`, and, as all reads do,
  ///   `nestedTransaction` inside a transaction of this thread on the same store.
  ///
  /// LMDB: `mdb_get`.
  @specialized(where Stored == Int)
  @specialized(where Stored == String)
  @specialized(where Stored == [UInt8])
  @specialized(where Stored == Value)
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
    guard let value = try get(key) else { throw ScopeView<Stored, Snapshot>.absent(key, in: name) }
    return value
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

  /// How many keys a selection chooses. Without a selection this is a look-up, unless entries have expired.
  public func count(_ selection: KeySelection = .all) throws -> Int {
    try store.read { try $0[self].count(selection) }
  }

  /// Whether there are no entries.
  public var isEmpty: Bool {
    get throws { try store.read { try $0[self].isEmpty } }
  }

  /// Lends the living entry of a key: its header, and the CBOR of its value.
  ///
  /// The short way, for what is called most: no snapshot object, and no catalog while the binding is current.
  @inline(__always)
  func withEntry<R>(_ key: String, _ body: (EntryHeader, UnsafeRawBufferPointer) throws -> R) throws -> R? {
    try store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        let transaction = try store.environmentForReading().beginSnapshot()
        let raw = unsafe transaction.raw
        guard let head = unsafe try Head.read(raw), let database = binding.database(at: head.generation) else {
          return try store.read { unsafe try $0[self].withEntry(key, body) }
        }
        let entry: UnsafeRawBufferPointer?
        do {
          unsafe entry = try raw.get(bytes, in: database)
        } catch LMDBError.Code.databaseNewerThanTransaction {
          return try store.read { unsafe try $0[self].withEntry(key, body) }
        }
        guard let entry = unsafe entry else { return nil }
        let clock = store.configuration.clock
        return unsafe try EntryReading.withLiving(entry, at: clock.now(), key: key, in: name, body)
      }
    }
  }
}
