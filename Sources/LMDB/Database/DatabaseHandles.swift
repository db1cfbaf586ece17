internal import Synchronization

/// The named databases that this process has opened.
///
/// LMDB gives out handle numbers without a lock: two transactions that open databases at once would get the same one,
/// and a transaction does not know a handle that is younger than itself. So there is one opener at a time. A reader's
/// first use of a database opens it in a short transaction of its own, while no write transaction of this process runs.
/// A writer opens databases inside its transaction, because it may be creating them, and nobody else opens meanwhile.
final class DatabaseHandles: Sendable {
  private struct State {
    var numbers: [ExactString: UInt32] = [:]
    var isOpening = false
  }

  private let monitor = Monitor(State())
  /// Who is at it: ``writing``, and ``opener`` for each who opens or waits to. A writer that finds it zero needs no lock.
  private let presence = Atomic<Int>(0)
  /// Raised by each opening, so that a transaction that begins notices one that it might not know. An opener raises it
  /// before it leaves.
  private let epoch = Atomic<Int>(0)

  private static let writing = 1
  private static let opener = 2
  private let generations: HandleGenerations

  init(count: Int) {
    generations = HandleGenerations(count: count)
  }

  /// Which use of its number a handle is. LMDB gives a number out again when the transaction that opened it is aborted.
  func generation(of number: UInt32) -> UInt32 {
    generations[number]
  }

  /// Takes note that these handles are no more.
  func discard(_ opened: [ExactString: UInt32]) {
    for number in opened.values { generations.raise(number) }
  }

  func number(of name: String) -> UInt32? {
    monitor.withLock { $0.numbers[ExactString(name)] }
  }

  var names: [ExactString] { monitor.withLock { Array($0.numbers.keys) } }

  func name(of number: UInt32) -> String? {
    monitor.withLock { state in state.numbers.first { $0.value == number }?.key.text }
  }

  /// How often handles became known. A transaction that began before one did does not know it.
  var openings: Int { epoch.load(ordering: .acquiring) }

  /// Whether a write transaction of this process runs.
  var isWriting: Bool { presence.load(ordering: .acquiring) & Self.writing != 0 }

  /// Begins an LMDB write transaction that knows every handle there is. The caller has the turn to write.
  func beginWrite(_ environment: Environment) throws(LMDBError) -> OpaquePointer {
    while true {
      // Openers go first: a stream of write transactions would keep them waiting for ever.
      if presence.load(ordering: .acquiring) != 0 {
        monitor.waitUntil({ _ in presence.load(ordering: .acquiring) == 0 }) { _ in }
      }
      let known = epoch.load(ordering: .relaxed)
      let transaction = unsafe try begin(environment)
      if presence.compareExchange(expected: 0, desired: Self.writing, ordering: .acquiringAndReleasing).exchanged {
        if epoch.load(ordering: .relaxed) == known { return unsafe transaction }
        stopWriting()
      }
      unsafe Calls.abort(transaction)
      environment.readPool.leaveAsWriter()
    }
  }

  private func stopWriting() {
    let (_, left) = presence.subtract(Self.writing, ordering: .acquiringAndReleasing)
    // An opener either sees under the lock that nobody writes, or waits already.
    if left != 0 { monitor.signalAfter { _ in } }
  }

  private func begin(_ environment: Environment) throws(LMDBError) -> OpaquePointer {
    environment.readPool.enterAsWriter()
    do throws(LMDBError) {
      return unsafe try Calls.begin(environment.handle, parent: nil, readOnly: false)
    } catch {
      environment.readPool.leaveAsWriter()
      throw error
    }
  }

  /// Ends a write transaction. The databases that it opened are valid for all if it was committed.
  func endWrite(keeping opened: [ExactString: UInt32]) {
    if !opened.isEmpty {
      monitor.withLock { state in
        state.numbers.merge(opened) { $1 }
        epoch.add(1, ordering: .releasing)
      }
    }
    stopWriting()
  }

  /// Opens a database in a read transaction of its own. Nil when the file has no such database.
  func open(_ name: String, in environment: Environment) throws(LMDBError) -> UInt32? {
    if let number = number(of: name) { return number }
    guard !environment.isWritingOnThisThread else {
      throw LMDBError(.openingInsideWrite, "open the database \"\(name)\"")
    }
    presence.add(Self.opener, ordering: .acquiringAndReleasing)
    defer { monitor.signalAfter { _ in _ = presence.subtract(Self.opener, ordering: .acquiringAndReleasing) } }
    let known = monitor.waitUntil({ !isWriting && !$0.isOpening }) { state -> UInt32? in
      let known = state.numbers[ExactString(name)]
      state.isOpening = known == nil
      return known
    }
    if let known { return known }
    var number: UInt32?
    defer {
      monitor.signalAfter { state in
        state.isOpening = false
        if let number {
          state.numbers[ExactString(name)] = number
          epoch.add(1, ordering: .releasing)
        }
      }
    }
    try environment.configuration.databaseQuota?.check(name, beside: names)
    // No lock is held here, because a read transaction may have to wait for a slot or for a larger map.
    number = try environment.openInSnapshot(name)
    return number
  }
}
