import PowerSimulation

/// Where a workload works: a store of LMKV, or LMDB through the engine.
protocol Bench: Sendable {
  /// Does a transaction. Returns its place in the log.
  func perform(_ stamp: Stamp, _ work: Work, isFull: Bool) throws -> Int
  /// The same, from a task.
  func performAsync(_ stamp: Stamp, _ work: Work, isFull: Bool) async throws -> Int
  /// Begins a transaction, and lets it throw.
  func fail(_ stamp: Stamp, _ work: Work)
  /// Raises the counter of verbs, durably. Nil where there is none.
  func count() throws -> Int?
  func countAsync() async throws -> Int?
  /// Reads for a while, in one snapshot.
  func linger(_ microseconds: UInt32) throws
  var identity: UInt64 { get }
  func close() throws
}

extension Bench {
  func count() throws -> Int? { nil }
  func countAsync() async throws -> Int? { nil }
}

struct Undone: Error {}
