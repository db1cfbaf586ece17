/// The named databases that this process has opened.
///
/// LMDB gives out handle numbers without a lock: two transactions that open databases at once would get the same one,
/// and a transaction does not know a handle that is younger than itself. So there is one opener at a time. A reader's
/// first use of a database opens it in a short transaction of its own, while no write transaction of this process runs.
/// A writer opens databases inside its transaction, because it may be creating them, and nobody else opens meanwhile.
final class DatabaseHandles: Sendable {
  private struct State {
    var numbers: [String: UInt32] = [:]
    /// Raised by each opening, so that a beginning write transaction notices one that it might not know.
    var epoch = 0
    var isWriting = false
    var waitingOpeners = 0
  }

  private let monitor = Monitor(State())

  func number(of name: String) -> UInt32? {
    monitor.withLock { $0.numbers[name] }
  }

  /// Begins an LMDB write transaction that knows every handle there is.
  func beginWrite(_ environment: Environment) throws(LMDBError) -> OpaquePointer {
    while true {
      // Openers go first: a stream of write transactions would keep them waiting for ever.
      let epoch = monitor.waitUntil({ $0.waitingOpeners == 0 }) { $0.epoch }
      let transaction = unsafe try Calls.begin(environment.handle, parent: nil, readOnly: false)
      let isCurrent = monitor.withLock { state in
        guard state.epoch == epoch, state.waitingOpeners == 0 else { return false }
        state.isWriting = true
        return true
      }
      if isCurrent { return unsafe transaction }
      unsafe Calls.abort(transaction)
    }
  }

  /// Ends a write transaction. The databases that it opened are valid for all if it was committed.
  func endWrite(keeping opened: [String: UInt32]) {
    monitor.signalAfter { state in
      state.isWriting = false
      if !opened.isEmpty { state.numbers.merge(opened) { $1 } }
    }
  }

  /// Opens a database in a read transaction of its own. Nil when the file has no such database.
  func open(_ name: String, in environment: Environment) throws(LMDBError) -> UInt32? {
    if let number = number(of: name) { return number }
    guard !environment.isWritingOnThisThread else {
      throw LMDBError(.openingInsideWrite, "open the database \"\(name)\"")
    }
    monitor.withLock { $0.waitingOpeners += 1 }
    defer { monitor.signalAfter { $0.waitingOpeners -= 1 } }
    return try monitor.waitUntil({ !$0.isWriting }) { (state) throws(LMDBError) -> UInt32? in
      if let number = state.numbers[name] { return number }
      let transaction = unsafe try Calls.begin(environment.handle, parent: nil, readOnly: true)
      guard let number = unsafe try openOrAbort(transaction, name) else { return nil }
      // Committing, unlike aborting, keeps the handle.
      unsafe try Calls.commit(transaction)
      state.numbers[name] = number
      state.epoch += 1
      return number
    }
  }

  private func openOrAbort(_ transaction: OpaquePointer, _ name: String) throws(LMDBError) -> UInt32? {
    do throws(LMDBError) {
      if let number = unsafe try Calls.openDatabase(transaction, name: name, flags: []) { return number }
    } catch {
      unsafe Calls.abort(transaction)
      throw error
    }
    unsafe Calls.abort(transaction)
    return nil
  }
}
