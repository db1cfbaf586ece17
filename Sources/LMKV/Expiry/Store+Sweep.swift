extension Store {
  /// What ``sweepExpired(limit:)`` did.
  public struct SweepResult: Hashable, Sendable {
    /// How many entries were removed.
    public var removed = 0
    /// Whether there was more to remove than the limit allowed.
    public var hasMore = false
  }

  /// Removes entries that have expired, from all scopes.
  ///
  /// Nobody sees them any more anyway; it gives their room back. Transactions do it in passing, a few entries at a
  /// time, so a sweep is needed only where much expires and little is written. It costs as much as there is to remove,
  /// in transactions of at most 1,000 entries, with others in between.
  ///
  /// - Parameter limit: about how many entries to remove at most.
  /// - Throws: ``LMKVError`` with `invalidArgument` for a limit below 1, `readOnly`, `tooManyScopes`, `storeFull`.
  ///   Earlier transactions of the sweep stay done.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.sweepExpired")
  @discardableResult
  public func sweepExpired(limit: Int = .max) throws -> SweepResult {
    var progress = SweepProgress(remaining: try checkedSweepLimit(limit))
    while try progress.goesOn(hasExpired: hasExpired()) {
      progress.add(try perform(nil) { try $0.sweepExpired(limit: progress.step) })
    }
    return progress.result
  }

  fileprivate func checkedSweepLimit(_ limit: Int) throws(LMKVError) -> Int {
    guard limit > 0 else {
      throw LMKVError(.invalidArgument, "A sweep of at most \(limit) entries removes none. Give a limit above zero.")
    }
    guard configuration.access == .readWrite else { throw readOnlyError }
    return limit
  }

  /// Whether the index has something that is due. Takes no lock.
  fileprivate func hasExpired() throws -> Bool {
    try read { snapshot in
      guard let index = unsafe try snapshot.expiryIndex(), let earliest = unsafe try index.earliest() else {
        return false
      }
      return earliest <= snapshot.now
    }
  }
}

extension AsyncStore {
  /// Removes entries that have expired, from all scopes. See ``Store/sweepExpired(limit:)``.
  ///
  /// A cancelled task stops between two transactions, with `CancellationError`.
  @discardableResult
  public func sweepExpired(limit: Int = .max) async throws -> Store.SweepResult {
    var progress = SweepProgress(remaining: try store.checkedSweepLimit(limit))
    while try progress.goesOn(hasExpired: store.hasExpired()) {
      let step = progress.step
      progress.add(try await transaction { try $0.sweepExpired(limit: step) })
    }
    return progress.result
  }
}

/// How far a sweep of several transactions has come.
private struct SweepProgress {
  var remaining: Int
  var result = Store.SweepResult()
  private var isStuck = false

  init(remaining: Int) {
    self.remaining = remaining
  }

  /// How much the next transaction removes: not so much that others would wait long.
  var step: Int { min(remaining, 1_000) }

  mutating func add(_ swept: Transaction.Swept) {
    result.removed += swept.removed
    remaining -= min(swept.handled, remaining)
    // Others were faster, or the clock was set back meanwhile.
    isStuck = swept.handled == 0
  }

  mutating func goesOn(hasExpired: Bool) -> Bool {
    result.hasMore = hasExpired && !isStuck
    return result.hasMore && remaining > 0
  }
}
