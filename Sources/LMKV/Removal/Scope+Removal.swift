extension Scope {
  /// Removes the keys that a selection chooses, all in one transaction. Returns how many there were.
  ///
  /// ```swift
  /// try users.removeAll(.matching("*:user-001"))
  /// ```
  ///
  /// Others wait meanwhile: a million small entries take some tenths of a second. What stays beside what goes is
  /// rewritten in memory until the commit, up to 512 MiB. See ``removeAll(_:inStepsOf:)`` for many millions.
  ///
  /// LMDB: `mdb_cursor_del`.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.removeAll")
  @discardableResult
  public func removeAll(_ selection: KeySelection) throws -> Int {
    try store.perform(nil) { try $0[self].removeAll(selection) }
  }

  /// Removes the keys that a selection chooses in many short transactions, so that others can write in between.
  ///
  /// It is not atomic: what is written meanwhile behind the place that was reached stays, and when it throws, what the
  /// steps before have removed stays removed.
  ///
  /// - Parameters:
  ///   - selection: which keys.
  ///   - count: how many entries each transaction looks at, 1 or more.
  /// - Returns: how many keys were removed.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use scope.async.removeAll")
  @discardableResult
  public func removeAll(_ selection: KeySelection, inStepsOf count: Int) throws -> Int {
    try Self.checkStep(count)
    var removed = 0
    var rest: KeySelection? = selection
    while let selection = rest {
      let step = try store.perform(nil) { try $0[self].removeEntries(selection, lookingAtMost: count) }
      removed += step.removed
      rest = step.rest
    }
    return removed
  }

  fileprivate static func checkStep(_ count: Int) throws {
    guard count > 0 else {
      throw LMKVError(.invalidArgument, "A step of a removal looks at one entry or more, not at \(count).")
    }
  }
}

extension AsyncScope {
  /// Removes the keys that a selection chooses, all in one transaction. Returns how many there were.
  @discardableResult
  public func removeAll(_ selection: KeySelection) async throws -> Int {
    try await transaction { try $0.removeAll(selection) }
  }

  /// Removes the keys that a selection chooses in many short transactions, so that others can write in between.
  ///
  /// See ``Scope/removeAll(_:inStepsOf:)``. Between two steps the task can be cancelled.
  @discardableResult
  public func removeAll(_ selection: KeySelection, inStepsOf count: Int) async throws -> Int {
    try Scope<Stored>.checkStep(count)
    var removed = 0
    var rest: KeySelection? = selection
    while let selection = rest {
      let step = try await transaction { try $0.removeEntries(selection, lookingAtMost: count) }
      removed += step.removed
      rest = step.rest
    }
    return removed
  }
}
