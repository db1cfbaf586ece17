internal import LMDB

extension ScopeView {
  /// The values of several keys, in the order in which they are asked for. Those of absent keys are nil.
  ///
  /// ```swift
  /// for (key, user) in try users.get(["ada", "bob"]) { print(key, user?.name ?? "nobody") }
  /// ```
  public func get(_ keys: some Sequence<String>) throws -> [(key: String, value: Stored?)] {
    try keys.map { ($0, try get($0)) }
  }

  /// All keys and values that a selection chooses, in the order of the keys, as an array.
  ///
  /// Everything is loaded: for much, loop over ``entries(_:)``.
  public func getAll(_ selection: KeySelection = .all) throws -> [(key: String, value: Stored)] {
    var all: [(key: String, value: Stored)] = []
    try entries(selection).forEach { all.append($0) }
    return all
  }
}

extension ScopeView where Access == Transaction {
  /// Writes several entries, all or none: an error leaves nothing of the batch, also when it is caught.
  ///
  /// ```swift
  /// try prices.set(["apple": 3, "pear": 4], expires: .hours(1))
  /// ```
  ///
  /// - Parameter expires: one expiry for all.
  /// - Throws: as ``set(_:_:expires:)``.
  @inlinable
  public func set(_ entries: [String: Stored], expires: Expiry = .never) throws {
    try set(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries, all or none. Of entries with the same key the last one stays.
  @inlinable
  public func set(_ entries: some Sequence<(String, Stored)>, expires: Expiry = .never) throws {
    try set(EntryBatch(entries), expires: expires)
  }

  @usableFromInline
  func set(_ batch: EntryBatch<Stored>, expires: Expiry) throws {
    try access.allOrNothing { try putAll(batch, expires: expires) }
  }

  /// Writes those entries whose keys are absent. An error leaves nothing of the batch.
  ///
  /// Of entries with the same key the first one counts. An entry that has expired is absent.
  ///
  /// - Returns: the keys that were written, in the order of the batch.
  @discardableResult
  public func setIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) throws -> [String] {
    try setIfAbsent(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes those entries whose keys are absent. See ``setIfAbsent(_:expires:)``.
  @discardableResult
  public func setIfAbsent(_ entries: some Sequence<(String, Stored)>, expires: Expiry = .never) throws -> [String] {
    try access.allOrNothing { try putAbsent(entries, expires: expires) }
  }

  /// Writes several entries if all of their keys are absent, and otherwise nothing.
  ///
  /// - Returns: whether they were written, or else the keys that are there.
  @discardableResult
  public func setAllIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) throws -> BatchResult {
    try setAllIfAbsent(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries if all of their keys are absent, and otherwise nothing. Of entries with the same key the
  /// last one stays.
  @discardableResult
  public func setAllIfAbsent(
    _ entries: some Sequence<(String, Stored)>,
    expires: Expiry = .never
  ) throws -> BatchResult {
    try access.allOrNothing { try putAllIfAbsent(entries, expires: expires) }
  }

  /// Removes several keys. Returns how many were there.
  @discardableResult
  public func remove(_ keys: some Sequence<String>) throws -> Int {
    try checked(keys).count { try remove($0) }
  }
}

// The batches without the savepoint: a transaction that consists of a batch alone needs none.
extension ScopeView where Access == Transaction {
  @specialized(where Stored == Int, Access == Transaction)
  @specialized(where Stored == String, Access == Transaction)
  @specialized(where Stored == [UInt8], Access == Transaction)
  @specialized(where Stored == Value, Access == Transaction)
  func putAll(_ batch: EntryBatch<Stored>, expires: Expiry) throws {
    let expiry = try access.resolve(expires)
    let order = BatchOrder(batch.keys)
    if !expiry.needsFormer, batch.keys.count >= BatchOrder.worthwhile { return try putAll(batch, in: order) }
    for position in order.positions { try put(batch.keys[position], batch.values[position], expires: expiry) }
  }

  /// Writes a batch without expiries through one cursor, which finds the next key near the last one; behind all keys
  /// that are there it appends.
  @inline(__always)
  private func putAll(_ batch: EntryBatch<Stored>, in order: BatchOrder) throws {
    try access.store.translatingErrors {
      let raw = unsafe try access.living()
      try access.willWrite()
      let cursor = unsafe try RawCursor(raw, access.databaseForWriting(binding))
      defer {
        unsafe cursor.close()
        access.didWrite()
      }
      var flags: WriteFlags = []
      if order.isAscending, unsafe try comesLast(batch.keys[order.positions[0]], cursor) { flags = .append }
      for position in order.positions {
        unsafe try batch.keys[position].withKeyBytes { key in
          try encode(batch.values[position], for: batch.keys[position], expiry: nil)
          unsafe try access.writer.withUnsafeBytes { unsafe try cursor.put($0, for: key, flags) }
          try access.didPut()
        }
      }
    }
  }

  /// Whether a key comes after all that are there.
  private func comesLast(_ key: String, _ cursor: RawCursor) throws -> Bool {
    guard let last = unsafe try cursor.move(.last) else { return true }
    return unsafe last.key.lexicographicallyPrecedes(key.utf8)
  }

  func putAbsent(_ entries: some Sequence<(String, Stored)>, expires: Expiry) throws -> [String] {
    let expiry = try access.resolve(expires)
    var written: [String] = []
    for (key, value) in entries where try header(key) == nil {
      try put(key, value, expires: expiry, over: nil)
      written.append(key)
    }
    return written
  }

  func putAllIfAbsent(_ entries: some Sequence<(String, Stored)>, expires: Expiry) throws -> BatchResult {
    let entries = Array(entries)
    let present = try entries.map(\.0).filter(contains)
    guard present.isEmpty else { return .refused(present: present) }
    try putAll(EntryBatch(entries), expires: expires)
    return .applied(revision: entries.isEmpty ? access.revision : access.newRevision)
  }

  /// Keys that are known to be keys, so that nothing is done when one is not.
  func checked(_ keys: some Sequence<String>) throws -> [String] {
    let keys = Array(keys)
    for key in keys { try unsafe key.withKeyBytes { _ in } }
    return keys
  }
}

extension Transaction {
  /// Runs the body in a savepoint.
  func allOrNothing<R>(_ body: () throws -> R) throws -> R {
    try store.translatingErrors { try savepoint(body) }
  }
}
