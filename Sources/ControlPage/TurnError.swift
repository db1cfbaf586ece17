internal import LMDBPlatform

/// Why a turn was not given.
package enum TurnError: Error, CustomStringConvertible {
  case timedOut(TurnTimeout)
  /// This thread has the turn.
  case takenTwice
  /// The mutex was damaged; with the code of pthreads.
  case broken(code: Int32)
  /// This process was forked from the one that opened the page.
  case forked

  package var description: String {
    switch self {
    case .timedOut(let timeout): return timeout.description
    case .takenTwice: return "This thread has the turn already."
    case .broken(let code):
      let reason = unsafe String(cString: strerror(code))
      return "The lock of the store's writers is damaged: \(reason) (\(code)). Close the store in all processes."
    case .forked: return ControlPageError.forked.description
    }
  }
}

/// The time to wait was over.
package struct TurnTimeout: Sendable, CustomStringConvertible {
  /// How long it waited.
  package let waited: Duration
  /// Who had the turn at the end. Nil if it was on its way from one to the next.
  package let holder: TurnHolder?

  package var description: String {
    guard let holder else { return "It was not this process's turn within \(waited)." }
    return """
      It was not this process's turn within \(waited): process \(holder.member.processID) (\(holder.member.program)) \
      has had it for \(holder.heldFor).
      """
  }
}

/// A process that has the turn.
package struct TurnHolder: Sendable, CustomStringConvertible {
  package let member: MemberInfo
  /// Exact to a tick of the kernel, 1 to 10 ms.
  package let heldFor: Duration

  package var description: String {
    "process \(member.processID) (\(member.program)) has had the turn to write for \(heldFor)"
  }
}

/// A process that waits for the turn.
package struct TurnWaiter: Sendable {
  package let member: MemberInfo
  /// How many of its threads wait.
  package let threads: Int
  /// How long at least one of them has.
  package let waitsFor: Duration
}
