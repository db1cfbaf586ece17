extension AsyncScope {
  /// The values of several keys, in the order in which they are asked for. Those of absent keys are nil.
  public func get(_ keys: some Sequence<String>) async throws -> [(key: String, value: Stored?)] {
    try scope.get(keys)
  }

  /// All keys and values that a selection chooses, in the order of the keys, as an array.
  public func getAll(_ selection: KeySelection = .all) async throws -> [(key: String, value: Stored)] {
    let scope = scope
    return try await scope.store.async.read { try $0[scope].getAll(selection) }
  }

  /// Writes several entries in one transaction: all or none. See `Scope.set(_:expires:)`.
  public func set(_ entries: [String: Stored], expires: Expiry = .never) async throws {
    try await set(entries.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries in one transaction: all or none. Of entries with the same key the last one stays.
  public func set(_ entries: some Sequence<(String, Stored)> & Sendable, expires: Expiry = .never) async throws {
    try await transaction { try $0.putAll(EntryBatch(entries), expires: expires) }
  }

  /// Writes those entries whose keys are absent, and returns these keys. See `Scope.setIfAbsent(_:expires:)`.
  @discardableResult
  public func setIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) async throws -> [String] {
    try await setIfAbsent(entries.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes those entries whose keys are absent, and returns these keys. See `Scope.setIfAbsent(_:expires:)`.
  @discardableResult
  public func setIfAbsent(
    _ entries: some Sequence<(String, Stored)> & Sendable,
    expires: Expiry = .never
  ) async throws -> [String] {
    try await transaction { try $0.putAbsent(entries, expires: expires) }
  }

  /// Writes several entries if all of their keys are absent. See `Scope.setAllIfAbsent(_:expires:)`.
  @discardableResult
  public func setAllIfAbsent(_ entries: [String: Stored], expires: Expiry = .never) async throws -> BatchResult {
    try await setAllIfAbsent(entries.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries if all of their keys are absent. See `Scope.setAllIfAbsent(_:expires:)`.
  @discardableResult
  public func setAllIfAbsent(
    _ entries: some Sequence<(String, Stored)> & Sendable,
    expires: Expiry = .never
  ) async throws -> BatchResult {
    try await transaction { try $0.putAllIfAbsent(entries, expires: expires) }
  }

  /// Removes several keys in one transaction. Returns how many were there.
  @discardableResult
  public func remove(_ keys: some Sequence<String> & Sendable) async throws -> Int {
    try await transaction { try $0.remove(keys) }
  }

  /// Gives the entries of several keys another expiry. Returns how many were there.
  @discardableResult
  public func touch(_ keys: some Sequence<String> & Sendable, expires: Expiry) async throws -> Int {
    try await transaction { try $0.touch(keys, expires: expires) }
  }

  /// Removes the expiry of the entries of several keys. Returns how many entries were there.
  @discardableResult
  public func persist(_ keys: some Sequence<String> & Sendable) async throws -> Int {
    try await transaction { try $0.persist(keys) }
  }
}
