// Taking a place around a closure.
extension Store {
  /// Waits for a lock or a permit, or finds that the current code has it already.
  func begin(_ place: Place, permits: Int = 1, timeout: Duration?, isReentrant: Bool = false) throws -> Tenure {
    if let tenure = try enclosing(place, timeout, isReentrant) { return tenure }
    return Tenure(self, place, try acquireSurely(place, permits: permits, timeout: timeout))
  }

  func begin(_ place: Place, permits: Int = 1, timeout: Duration?, isReentrant: Bool = false) async throws -> Tenure {
    if let tenure = try enclosing(place, timeout, isReentrant) { return tenure }
    return Tenure(self, place, try await acquireSurely(place, permits: permits, timeout: timeout))
  }

  /// As ``begin(_:permits:timeout:isReentrant:)``, without waiting for other owners.
  func tryBegin(_ place: Place, permits: Int = 1, isReentrant: Bool = false) throws -> Tenure? {
    try unlessTaken { try begin(place, permits: permits, timeout: .zero, isReentrant: isReentrant) }
  }

  func tryBegin(_ place: Place, permits: Int = 1, isReentrant: Bool = false) async throws -> Tenure? {
    do {
      return try await begin(place, permits: permits, timeout: .zero, isReentrant: isReentrant)
    } catch let error as LMKVError where error.code == .timedOut {
      return nil
    }
  }

  /// Runs `body` with what was taken, and gives it back.
  func run<R>(_ tenure: Tenure, _ place: Place, _ body: () throws -> R) throws -> R {
    let result = Result { try tenure.run(body) }
    guard tenure.end() else { return try result.get() }
    let leaving = Result { try leave(place, tenure.token) }
    // What the body threw says more than what giving back may fail with.
    let value = try result.get()
    try leaving.get()
    return value
  }

  func run<R>(
    _ tenure: Tenure,
    _ place: Place,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R {
    let result: Result<R, any Error>
    do {
      result = .success(try await tenure.run(body))
    } catch {
      result = .failure(error)
    }
    guard tenure.end() else { return try result.get() }
    do {
      try await leave(place, tenure.token)
    } catch {
      // What the body threw says more.
      _ = try result.get()
      throw error
    }
    return try result.get()
  }

  private func enclosing(_ place: Place, _ timeout: Duration?, _ isReentrant: Bool) throws -> Tenure? {
    if isReentrant, let tenure = Tenure.enclosing(self, place), tenure.join() { return tenure }
    let waits = timeout.map { $0 > .zero } ?? true
    if waits, place.kind != .semaphore { try Tenure.checkDeadlock(self, place) }
    return nil
  }

  /// Locks are not dismissed. Should the record have been lost, its place is taken anew.
  func acquireSurely(_ place: Place, permits: Int, timeout: Duration?) throws -> UInt64 {
    try checkPermits(permits, place)
    while true {
      if let token = try acquire(place, permits: permits, timeout: timeout) { return token }
    }
  }

  func acquireSurely(_ place: Place, permits: Int, timeout: Duration?) async throws -> UInt64 {
    try checkPermits(permits, place)
    while true {
      if let token = try await acquire(place, permits: permits, timeout: timeout) { return token }
    }
  }

  private func checkPermits(_ permits: Int, _ place: Place) throws(LMKVError) {
    guard permits > 0 else {
      throw LMKVError(
        .invalidArgument,
        "The \(place.title) was asked for with \(permits) permits, so nobody could have it. Give a number above zero."
      )
    }
  }
}

/// Gives nil where `body` throws that something was not free.
func unlessTaken<R>(_ body: () throws -> R) throws -> R? {
  do {
    return try body()
  } catch let error as LMKVError where error.code == .timedOut {
    return nil
  }
}
