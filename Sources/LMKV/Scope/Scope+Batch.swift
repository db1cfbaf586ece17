extension Scope {
  /// The values of several keys, in the order in which they are asked for. Those of absent keys are nil.
  ///
  /// ```swift
  /// for (key, user) in try users.get(["ada", "bob"]) { print(key, user?.name ?? "nobody") }
  /// ```
  ///
  /// All are of one snapshot.
  public func get(_ keys: some Sequence<String>) throws -> [(key: String, value: Stored?)] {
    try store.read { try $0[self].get(keys) }
  }

  /// All keys and values that a selection chooses, in the order of the keys, as an array.
  ///
  /// Everything is loaded: for much, loop in ``Store/read(_:)``.
  public func getAll(_ selection: KeySelection = .all) throws -> [(key: String, value: Stored)] {
    try store.read { try $0[self].getAll(selection) }
  }

  /// Writes several entries in one transaction: all or none.
  ///
  /// ```swift
  /// try prices.set(["apple": 3, "pear": 4], expires: .hours(1))
  /// ```
  ///
  /// - Parameters:
  ///   - entries: keys and values.
  ///   - expires: one expiry for all.
  /// - Throws: as ``set(_:_:expires:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  @inlinable
  public func set(_ entries: [String: Stored], expires: Expiry = .never) throws {
    try set(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries in one transaction: all or none. Of entries with the same key the last one stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.set")
  @inlinable
  public func set(_ entries: some Sequence<(String, Stored)>, expires: Expiry = .never) throws {
    try set(EntryBatch(entries), expires: expires)
  }

  @usableFromInline
  func set(_ batch: EntryBatch<Stored>, expires: Expiry) throws {
    try store.perform(nil) { try $0[self].putAll(batch, expires: expires) }
  }

  /// Writes those entries whose keys are absent. An error leaves nothing of the batch.
  ///
  /// Of entries with the same key the first one counts. An entry that has expired is absent.
  ///
  /// - Returns: the keys that were written, in the order of the batch.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setIfAbsent")
  @discardableResult
  public func setIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) throws -> [String] {
    try setIfAbsent(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes those entries whose keys are absent. See ``setIfAbsent(_:expires:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setIfAbsent")
  @discardableResult
  public func setIfAbsent(_ entries: some Sequence<(String, Stored)>, expires: Expiry = .never) throws -> [String] {
    try store.perform(nil) { try $0[self].putAbsent(entries, expires: expires) }
  }

  /// Writes several entries if all of their keys are absent, and otherwise nothing.
  ///
  /// - Returns: whether they were written, or else the keys that are there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setAllIfAbsent")
  @discardableResult
  public func setAllIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) throws -> BatchResult {
    try setAllIfAbsent(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries if all of their keys are absent, and otherwise nothing. Of entries with the same key the
  /// last one stays.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.setAllIfAbsent")
  @discardableResult
  public func setAllIfAbsent(
    _ entries: some Sequence<(String, Stored)>,
    expires: Expiry = .never
  ) throws -> BatchResult {
    try store.perform(nil) { try $0[self].putAllIfAbsent(entries, expires: expires) }
  }

  /// Removes several keys in one transaction. Returns how many were there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.remove")
  @discardableResult
  public func remove(_ keys: some Sequence<String>) throws -> Int {
    try store.perform(nil) { try $0[self].remove(keys) }
  }
}
