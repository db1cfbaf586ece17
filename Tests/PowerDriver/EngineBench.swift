import Foundation
import LMDB
import PowerSimulation

struct EngineBench: Bench {
  let environment: Environment
  let identity: UInt64 = 0

  init(_ path: String, _ mode: Workload.Mode) throws {
    var configuration = Environment.Configuration()
    configuration.sync = mode == .unsafe ? .unsafeNone : mode == .lazy ? .dataOnly : .full
    environment = try Environment.open(path, configuration)
  }

  private static func apply(_ stamp: Stamp, _ work: Work, _ tx: borrowing WriteTransaction) throws -> Int {
    let log = try tx.createDatabase(Work.log)
    let place = try Int(tx.statistics(of: log).entries) + 1
    try tx.put(stamp.bytes, for: Work.logKey(place), in: log)
    for step in work.steps(stamp) {
      switch step {
      case .set(let scope, let key, let size, _):
        try tx.put(Work.value(stamp, key, size: size), for: key, in: tx.createDatabase(scope))
      case .remove(let scope, let key): _ = try tx.delete(key, in: tx.createDatabase(scope))
      case .clear(let scope), .drop(let scope): try tx.empty(tx.createDatabase(scope))
      }
    }
    return place
  }

  func perform(_ stamp: Stamp, _ work: Work, isFull: Bool) throws -> Int {
    try environment.write { try Self.apply(stamp, work, $0) }
  }

  func performAsync(_ stamp: Stamp, _ work: Work, isFull: Bool) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      continuation.resume(with: Result { try perform(stamp, work, isFull: isFull) })
    }
  }

  func fail(_ stamp: Stamp, _ work: Work) {
    _ = try? environment.write { transaction in
      _ = try Self.apply(stamp, work, transaction)
      throw Undone()
    }
  }

  func linger(_ microseconds: UInt32) throws {
    try environment.read { _ in _ = usleep(microseconds) }
  }

  func close() throws {}
}
