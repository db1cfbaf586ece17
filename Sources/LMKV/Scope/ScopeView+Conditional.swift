extension ScopeView where Access == Transaction {
  /// Writes a value if the key is absent. An entry that has expired is absent.
  ///
  /// - Returns: whether it was written, or else what is there.
  @discardableResult
  public func setIfAbsent(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> ConditionalResult<Stored>
  {
    try set(key, value, expires) { $0 == nil }
  }

  /// Writes a value if the key is there.
  ///
  /// - Returns: whether it was written; if not, the key is absent.
  @discardableResult
  public func setIfPresent(_ key: String, _ value: Stored, expires: Expiry = .never) throws -> ConditionalResult<Stored>
  {
    try set(key, value, expires) { $0 != nil }
  }

  /// Writes a value if the entry still has this revision: if nobody has written it since it was read.
  ///
  /// ```swift
  /// let entry = try documents.entry("d1")
  /// let result = try documents.set("d1", changed, ifRevision: entry?.revision)
  /// ```
  ///
  /// A revision names one write of a key, whoever wrote, since a later transaction has another one. Within a
  /// transaction all writes have the same: there it does not tell a second write of a key from the first. A revision
  /// that was read in a transaction, or a savepoint, that was undone is that of another write later.
  ///
  /// - Parameter revision: nil if the key was absent and must be so still.
  /// - Returns: whether it was written, or else what is there.
  public func set(
    _ key: String,
    _ value: Stored,
    ifRevision revision: UInt64?,
    expires: Expiry = .never
  ) throws -> ConditionalResult<Stored> {
    try set(key, value, expires) { $0?.revision == revision }
  }

  /// Removes a key if the entry still has this revision. See ``set(_:_:ifRevision:expires:)``.
  public func remove(_ key: String, ifRevision revision: UInt64) throws -> ConditionalResult<Stored> {
    guard let header = try header(key), header.revision == revision else { return .refused(current: try entry(key)) }
    try delete(key, header)
    return .applied(revision: access.newRevision)
  }

  private func set(
    _ key: String,
    _ value: Stored,
    _ expires: Expiry,
    when condition: (EntryHeader?) -> Bool
  ) throws -> ConditionalResult<Stored> {
    let expiry = try access.resolve(expires)
    let former = try header(key)
    guard condition(former) else { return .refused(current: try entry(key)) }
    try put(key, value, expires: expiry, over: former)
    return .applied(revision: access.newRevision)
  }
}

extension ScopeView where Access == Transaction, Stored: Equatable {
  /// Writes a value if there is an equal one to `former`. To demand that the key is absent, use
  /// ``setIfAbsent(_:_:expires:)``.
  ///
  /// Strings are equal when their bytes of UTF-8 are, also in optionals, arrays, sets, dictionaries and a ``Value``: a
  /// stored "e" with a combining accent is no "é". What is equal of a type of your own, its `==` decides.
  ///
  /// A value that storing changes, such as a `Date` with more digits than are kept, is looked for as it is stored.
  ///
  /// - Returns: whether it was written, or else what is there.
  public func set(
    _ key: String,
    _ value: Stored,
    ifValue former: Stored,
    expires: Expiry = .never
  ) throws -> ConditionalResult<Stored> {
    let expiry = try access.resolve(expires)
    guard let found = try found(key, as: Stored.self) else { return .refused(current: nil) }
    guard try ValueCoding.isStored(found.value, for: former) else {
      return .refused(current: Entry(key: key, value: found.value, found.header))
    }
    try put(key, value, expires: expiry, over: found.header)
    return .applied(revision: access.newRevision)
  }

  /// Removes a key if its value equals `former`: how a lock is given back by its owner only.
  public func remove(_ key: String, ifValue former: Stored) throws -> ConditionalResult<Stored> {
    guard let found = try found(key, as: Stored.self) else { return .refused(current: nil) }
    guard try ValueCoding.isStored(found.value, for: former) else {
      return .refused(current: Entry(key: key, value: found.value, found.header))
    }
    try delete(key, found.header)
    return .applied(revision: access.newRevision)
  }
}
