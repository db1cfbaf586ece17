import Foundation
import LMKV
import PowerSimulation

struct StoreBench: Bench {
  let store: Store

  /// In microseconds; 0: at once.
  private let longBody: UInt32

  init(_ path: String, _ mode: Workload.Mode, _ circumstances: Circumstances) throws {
    var configuration = Store.Configuration()
    if mode == .relaxed { configuration.durability = .relaxed(flushEvery: .milliseconds(Workload.Mode.interval)) }
    configuration.believeEnvironment(circumstances)
    longBody = ProcessInfo.processInfo.environment["LMKV_POWER_BODY"].flatMap { UInt32($0) } ?? 0
    store = try Store(path: path, configuration: configuration)
  }

  var identity: UInt64 {
    let uuid = store.uuid.uuid
    return withUnsafeBytes(of: uuid) { $0.loadUnaligned(as: UInt64.self) }
  }

  init(_ store: Store) {
    self.store = store
    longBody = 0
  }

  private func apply(_ stamp: Stamp, _ work: Work, _ tx: Transaction) throws -> Int {
    if longBody > 0, stamp.number % 2 == 0 { usleep(longBody) }
    let place = try tx.scope(Work.counters, of: Int.self).increment(Work.total)
    try tx.scope(Work.log).set(Work.logKey(place), .bytes(stamp.bytes))
    for step in work.steps(stamp) {
      switch step {
      case .set(let scope, let key, let size, let expires):
        let value = Value.bytes(Work.value(stamp, key, size: size))
        try tx.scope(scope).set(key, value, expires: expires ? .days(30) : .never)
      case .remove(let scope, let key): try tx.scope(scope).remove(key)
      case .clear(let scope): try tx.scope(scope).clear()
      case .drop(let scope): if try tx.scopes.contains(scope) { try tx.dropScope(scope) }
      }
    }
    // What a savepoint took back leaves no trace.
    try? tx.savepoint {
      try tx.scope("small").set("undone", .bytes(stamp.bytes))
      throw Undone()
    }
    return place
  }

  func perform(_ stamp: Stamp, _ work: Work, isFull: Bool) throws -> Int {
    try store.transaction(durability: isFull ? .full : nil) { try apply(stamp, work, $0) }
  }

  func performAsync(_ stamp: Stamp, _ work: Work, isFull: Bool) async throws -> Int {
    try await store.async.transaction(durability: isFull ? .full : nil) { try apply(stamp, work, $0) }
  }

  func fail(_ stamp: Stamp, _ work: Work) {
    try? store.transaction { tx in
      _ = try apply(stamp, work, tx)
      throw Undone()
    }
  }

  // Durable as the store was opened.
  func count() throws -> Int? {
    guard store.configuration.durability == .full else { return nil }
    return try store.scope(Work.verbs, of: Int.self).increment(Work.total)
  }

  func countAsync() async throws -> Int? {
    guard store.configuration.durability == .full else { return nil }
    return try await store.scope(Work.verbs, of: Int.self).async.increment(Work.total)
  }

  func linger(_ microseconds: UInt32) throws {
    try store.read { snapshot in
      let before = try snapshot.scope(Work.log).count()
      usleep(microseconds)
      guard try snapshot.scope(Work.log).count() == before else { throw SimulationError("a snapshot changed") }
    }
  }

  func close() throws { try store.close() }
}
