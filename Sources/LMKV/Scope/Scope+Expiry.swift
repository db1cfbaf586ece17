extension Scope {
  /// How much longer an entry will be there. Nil when the key is absent or has expired.
  public func timeToLive(_ key: String) throws -> TimeToLive? {
    try store.read { try $0[self].timeToLive(key) }
  }

  /// Gives an entry another expiry and leaves its value. Returns whether it was there.
  ///
  /// ```swift
  /// try sessions.touch("s1", expires: .minutes(30))
  /// ```
  ///
  /// It is a write like others: the entry has a new revision, unless it had this expiry already.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.touch")
  @discardableResult
  public func touch(_ key: String, expires: Expiry) throws -> Bool {
    try store.performVerb { try $0[self].touch(key, expires: expires) }
  }

  /// Removes the expiry of an entry, so that it stays. Returns whether the entry was there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.persist")
  @discardableResult
  public func persist(_ key: String) throws -> Bool {
    try store.performVerb { try $0[self].persist(key) }
  }

  /// Gives the entries of several keys another expiry and leaves their values. Returns how many were there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.touch")
  @discardableResult
  public func touch(_ keys: some Sequence<String>, expires: Expiry) throws -> Int {
    try store.perform(nil) { try $0[self].touch(keys, expires: expires) }
  }

  /// Removes the expiry of the entries of several keys. Returns how many entries were there.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.persist")
  @discardableResult
  public func persist(_ keys: some Sequence<String>) throws -> Int {
    try store.perform(nil) { try $0[self].persist(keys) }
  }
}
