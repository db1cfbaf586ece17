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
  public func set(_ entries: [String: Stored], expires: Expiry = .never) throws {
    try set(entries.lazy.map { ($0.key, $0.value) }, expires: expires)
  }

  /// Writes several entries, all or none. Of entries with the same key the last one stays.
  public func set(_ entries: some Sequence<(String, Stored)>, expires: Expiry = .never) throws {
    try access.allOrNothing { try putAll(entries, expires: expires) }
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
  func putAll(_ entries: some Sequence<(String, Stored)>, expires: Expiry) throws {
    let expiry = try access.resolve(expires)
    // In the order given: sorting 100,000 keys first took 2 us each, and putting them in order gained less.
    for (key, value) in entries { try put(key, value, expires: expiry) }
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
    try putAll(entries, expires: expires)
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
