internal import LMDB

extension Scope {
  /// The value under a key. Nil when the key is absent or has expired.
  ///
  /// ```swift
  /// let ada = try users.get("ada")
  /// ```
  ///
  /// - Throws: ``LMKVError`` with `emptyKey`, `keyTooLong`, `typeMismatch`, `corrupted`.
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
    try store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        // The short way, for what is called most: no snapshot object, no catalog when the binding is current.
        let environment = try store.environment()
        let transaction = try environment.beginSnapshot()
        let raw = unsafe transaction.raw
        guard let head = unsafe try Head.read(raw), let database = binding.database(at: head.generation) else {
          return try store.read { try $0[self].get(key, as: type) }
        }
        let entry: UnsafeRawBufferPointer?
        do {
          unsafe entry = try raw.get(bytes, in: database)
        } catch LMDBError.Code.databaseNewerThanTransaction {
          return try store.read { try $0[self].get(key, as: type) }
        }
        guard let entry = unsafe entry else { return nil }
        let header = unsafe try EntryReading.header(of: entry, in: name)
        if header.isExpired(at: header.expiry == nil ? 0 : store.configuration.clock.now()) { return nil }
        let value = unsafe UnsafeRawBufferPointer(rebasing: entry[header.size...])
        return unsafe try EntryReading.decode(type, from: value, key: key, in: name)
      }
    }
  }

  /// The value under a key, or another value when the key is absent. Nothing is stored.
  public func get(_ key: String, default defaultValue: @autoclosure () throws -> Stored) throws -> Stored {
    try get(key) ?? defaultValue()
  }

  /// The value under a key that must be there.
  ///
  /// - Throws: ``LMKVError`` with `keyNotFound`, and as ``get(_:)``.
  public func require(_ key: String) throws -> Stored {
    try store.read { try $0[self].require(key) }
  }

  /// The value under a key with its revision and its expiry. Nil when the key is absent or has expired.
  public func entry(_ key: String) throws -> Entry<Stored>? {
    try store.read { try $0[self].entry(key) }
  }

  /// Whether a key is there and has not expired. A key whose value is null is there.
  public func contains(_ key: String) throws -> Bool {
    try store.read { try $0[self].contains(key) }
  }

  /// How many keys a selection chooses. Without a selection this is a look-up, unless entries expire.
  public func count(_ selection: KeySelection = .all) throws -> Int {
    try store.read { try $0[self].count(selection) }
  }

  /// Whether there are no entries.
  public var isEmpty: Bool {
    get throws { try store.read { try $0[self].isEmpty } }
  }
}
