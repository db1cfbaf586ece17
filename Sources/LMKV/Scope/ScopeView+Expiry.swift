extension ScopeView {
  /// How much longer an entry will be there. Nil when the key is absent or has expired.
  public func timeToLive(_ key: String) throws -> TimeToLive? {
    try header(key).map { header in
      header.expiry.map { .remaining(.milliseconds($0 - access.now)) } ?? .forever
    }
  }
}

extension ScopeView where Access == Transaction {
  /// Gives an entry another expiry and leaves its value. Returns whether it was there.
  ///
  /// ```swift
  /// try sessions.touch("s1", expires: .minutes(30))
  /// ```
  ///
  /// It is a write like others: the entry has a new revision, unless it had this expiry already.
  @discardableResult
  public func touch(_ key: String, expires: Expiry) throws -> Bool {
    try touch(key, access.resolve(expires))
  }

  /// Removes the expiry of an entry, so that it stays. Returns whether the entry was there.
  @discardableResult
  public func persist(_ key: String) throws -> Bool {
    try touch(key, expires: .never)
  }

  /// Gives the entries of several keys another expiry and leaves their values. Returns how many were there.
  @discardableResult
  public func touch(_ keys: some Sequence<String>, expires: Expiry) throws -> Int {
    let expiry = try access.resolve(expires)
    return try checked(keys).count { try touch($0, expiry) }
  }

  /// Removes the expiry of the entries of several keys. Returns how many entries were there.
  @discardableResult
  public func persist(_ keys: some Sequence<String>) throws -> Int {
    try touch(keys, expires: .never)
  }

  private func touch(_ key: String, _ expires: ResolvedExpiry) throws -> Bool {
    guard let former = try header(key) else { return false }
    let expiry = expires.expiry(over: former)
    if expiry != former.expiry { try rewrite(key, former, expiry: expiry) }
    return true
  }
}
