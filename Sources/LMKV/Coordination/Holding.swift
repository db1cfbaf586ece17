internal import ControlPage

// Taking a place around a closure, or for none.
extension Store {
  /// Waits for a lock or a permit, or finds that the current code has it already.
  func begin(_ place: Place, permits: Int = 1, timeout: Duration?, isReentrant: Bool = false) throws -> Tenure {
    if isReentrant, let tenure = joined(place) { return tenure }
    return try whileOpen {
      let room = try prepare(place, permits, timeout)
      return Tenure(self, room, place, try acquireSurely(place, room, permits, timeout))
    }
  }

  func begin(_ place: Place, permits: Int = 1, timeout: Duration?, isReentrant: Bool = false) async throws -> Tenure {
    if isReentrant, let tenure = joined(place) { return tenure }
    return try await whileOpen {
      let room = try prepare(place, permits, timeout)
      return Tenure(self, room, place, try await acquireSurely(place, room, permits, timeout))
    }
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
  func run<R>(_ tenure: Tenure, _ body: () throws -> R) throws -> R {
    defer { end(tenure) }
    return try tenure.run(body)
  }

  func run<R>(
    _ tenure: Tenure,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> R
  ) async throws -> R {
    defer { end(tenure) }
    return try await tenure.run(body)
  }

  private func end(_ tenure: Tenure) {
    tenure.end()
    coordination.end()
  }

  /// Takes something for no closure.
  func take(_ place: Place, permits: Int = 1, timeout: Duration?) throws -> Hold {
    let hold = try whileOpen {
      let room = try prepare(place, permits, timeout)
      return Hold(self, room, place, try acquireSurely(place, room, permits, timeout))
    }
    coordination.end()
    return hold
  }

  // MARK: Parts

  /// Runs `body` as something that closing the store waits for. If it throws, that is over; else it ends with
  /// `coordination.end()`.
  func whileOpen<R>(_ body: () throws -> R) throws -> R {
    guard coordination.begin() else { throw closedError }
    do {
      return try body()
    } catch {
      coordination.end()
      throw error
    }
  }

  func whileOpen<R>(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R) async throws -> R {
    guard coordination.begin() else { throw closedError }
    do {
      return try await body()
    } catch {
      coordination.end()
      throw error
    }
  }

  private func joined(_ place: Place) -> Tenure? {
    guard let tenure = Tenure.enclosing(self, place), tenure.join() else { return nil }
    coordination.beginInside()
    return tenure
  }

  /// Checks what is wrong with a wish before anybody waits.
  private func prepare(_ place: Place, _ permits: Int, _ timeout: Duration?) throws -> WaitingRoom {
    try place.text.check()
    guard permits > 0 else {
      throw LMKVError(
        .invalidArgument,
        "The \(place.title) was asked for with \(permits) permits, so nobody could have it. Give a number above zero."
      )
    }
    let room = try waitingRoom()
    let waits = timeout.map { $0 > .zero } ?? true
    if waits { try Tenure.checkDeadlock(self, room, place, permits: permits) }
    return room
  }

  /// Locks and permits are not dismissed. Should the page have lost a claim, it is made anew.
  private func acquireSurely(_ place: Place, _ room: WaitingRoom, _ permits: Int, _ timeout: Duration?) throws -> Claim
  {
    while true {
      if let claim = try acquire(place, room, permits: permits, timeout: timeout) { return claim }
    }
  }

  private func acquireSurely(
    _ place: Place,
    _ room: WaitingRoom,
    _ permits: Int,
    _ timeout: Duration?
  ) async throws -> Claim {
    while true {
      if let claim = try await acquire(place, room, permits: permits, timeout: timeout) { return claim }
    }
  }
}

extension String {
  /// The names of locks are made as keys are.
  func check() throws {
    unsafe try withKeyBytes { _ in }
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
