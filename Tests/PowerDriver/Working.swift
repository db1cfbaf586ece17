import Foundation
import LMDB
import PowerRecorder
import PowerSimulation

extension Driver {
  private static func mark(_ mark: Mark, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0, _ fourth: Int = 0) {
    power_mark(mark.rawValue, UInt64(first), UInt64(second), UInt64(third), UInt64(fourth))
  }

  /// STORE MODE SEED STREAM THREADS TIMES: as many threads and tasks do as many transactions each.
  static func work(_ arguments: [String]) async throws {
    guard let mode = Workload.Mode(rawValue: arguments[1]), let seed = UInt64(arguments[2]) else { exit(2) }
    let (stream, threads, times) = (number(arguments[3]), number(arguments[4]), number(arguments[5]))
    let bench: any Bench = mode.isStore ? try StoreBench(arguments[0], mode) : try EngineBench(arguments[0], mode)
    power_mark(Mark.opened.rawValue, bench.identity, 0, 0, 0)
    let work = Work(seed: seed)
    try await withThrowingTaskGroup { group in
      for index in 0..<threads {
        let line = Line(bench: bench, work: work, stream: stream + index, isRelaxed: mode == .relaxed)
        group.addTask {
          if index % 2 == 1, mode.isStore {
            for number in 1...times { try await line.transactAsync(number) }
          } else {
            try await onThread { for number in 1...times { try line.transact(number) } }
          }
        }
      }
      if threads > 2 {
        group.addTask { try await onThread { for _ in 0..<8 { try bench.linger(20_000) } } }
      }
      try await group.waitForAll()
    }
    // Nothing happens for longer than a flush may take, in one of two processes.
    if mode == .relaxed, Chance(seed, UInt64(stream)).isEven { usleep(1_300_000) }
    try bench.close()
    mark(.closed)
  }

  private static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try body() }) }.start()
    }
  }

  /// What one thread or task does, and says of it.
  private struct Line {
    let bench: any Bench
    let work: Work
    let stream: Int
    let isRelaxed: Bool

    private func begin(_ number: Int) -> (Stamp, isFull: Bool) {
      var chance = Chance(work.seed, UInt64(stream), UInt64(number), 7)
      // A pause now and then, so that the turns of the processes mix; longer where the time of a flush must pass.
      if isRelaxed {
        usleep(UInt32(chance.below(60_000)))
      } else if chance.once(in: 3) {
        usleep(UInt32(chance.below(2_000)))
      }
      if chance.once(in: 10) {
        let undone = Stamp(stream: stream, number: 1_000_000 + number)
        mark(.begins, stream, undone.number)
        bench.fail(undone, work)
        mark(.failed, stream, undone.number)
      }
      mark(.begins, stream, number)
      return (Stamp(stream: stream, number: number), !isRelaxed || chance.once(in: 20))
    }

    func transact(_ number: Int) throws {
      let (stamp, isFull) = begin(number)
      let place = try bench.perform(stamp, work, isFull: isFull)
      mark(.acknowledged, stream, number, place, isFull ? 1 : 0)
      mark(.counts)
      if let sum = try bench.count() { mark(.counted, sum) }
    }

    func transactAsync(_ number: Int) async throws {
      let (stamp, isFull) = begin(number)
      let place = try await bench.performAsync(stamp, work, isFull: isFull)
      mark(.acknowledged, stream, number, place, isFull ? 1 : 0)
      mark(.counts)
      if let sum = try await bench.countAsync() { mark(.counted, sum) }
    }
  }

  /// STORE MODE SEED: opens what a power failure has left, and goes on for two transactions.
  static func succeed(_ arguments: [String]) throws {
    guard let mode = Workload.Mode(rawValue: arguments[1]), let seed = UInt64(arguments[2]) else { exit(2) }
    startAnew()
    let bench: any Bench = mode.isStore ? try StoreBench(arguments[0], mode) : try EngineBench(arguments[0], mode)
    for number in 1...2 {
      let stamp = Stamp(stream: Work.successor, number: number)
      mark(.begins, stamp.stream, number)
      let place = try bench.perform(stamp, Work(seed: seed), isFull: true)
      mark(.acknowledged, stamp.stream, number, place, 1)
    }
    try bench.close()
    mark(.closed)
  }

  /// STORE TIMES: writes pairs into a named DB of its own, as a program that knows nothing of LMKV.
  static func foreign(_ path: String, _ times: Int) throws {
    // It finds the store; it does not make it.
    for _ in 0..<2_000 where !FileManager.default.fileExists(atPath: path + "/open.lock") { usleep(1_000) }
    let environment = try Environment.open(path)
    for _ in 0..<2_000 where try Set(environment.databaseNames()).isDisjoint(with: ["lmkv", Work.log]) { usleep(1_000) }
    for number in 1...times {
      try environment.write { transaction in
        let database = try transaction.createDatabase(foreignDatabase)
        for side in ["left", "right"] { try transaction.put(String(number), for: "\(side)-\(number)", in: database) }
      }
      usleep(3_000)
    }
  }

  static let foreignDatabase = "foreign"
}
