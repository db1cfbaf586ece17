import Foundation
import LMDB
import LMKV
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
    let circumstances = try Circumstances(seed: seed)
    let bench = try bench(arguments[0], mode, circumstances)
    power_mark(Mark.opened.rawValue, bench.identity, 0, 0, 0)
    let work = circumstances.work
    try await withThrowingTaskGroup { group in
      for index in 0..<threads {
        let line = Line(
          bench: bench,
          work: work,
          stream: stream + index,
          isRelaxed: mode == .relaxed,
          mayFail: circumstances.mayFail
        )
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

  private static func bench(_ path: String, _ mode: Workload.Mode, _ circumstances: Circumstances) throws -> any Bench {
    mode.isStore ? try StoreBench(path, mode, circumstances) : try EngineBench(path, mode)
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
    let mayFail: Bool

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

    /// Says of a transaction that failed that nothing of it may ever be there, unless it was told that nobody knows.
    private func note(_ error: any Error, of number: Int) {
      if (error as? LMKVError)?.code != .outcomeUnknown { mark(.failed, stream, number) }
    }

    /// Where calls fail, a transaction may: then the next one is tried.
    private func forgive(_ error: any Error) throws {
      guard mayFail, let error = error as? LMKVError, error.code != .corrupted else { throw error }
      usleep(2_000)
    }

    func transact(_ number: Int) throws {
      do { try perform(number) } catch { try forgive(error) }
    }

    func transactAsync(_ number: Int) async throws {
      do { try await performAsync(number) } catch { try forgive(error) }
    }

    private func perform(_ number: Int) throws {
      let (stamp, isFull) = begin(number)
      let place: Int
      do {
        place = try bench.perform(stamp, work, isFull: isFull)
      } catch {
        note(error, of: number)
        throw error
      }
      mark(.acknowledged, stream, number, place, isFull ? 1 : 0)
      mark(.counts)
      if let sum = try bench.count() { mark(.counted, sum) }
    }

    private func performAsync(_ number: Int) async throws {
      let (stamp, isFull) = begin(number)
      let place: Int
      do {
        place = try await bench.performAsync(stamp, work, isFull: isFull)
      } catch {
        note(error, of: number)
        throw error
      }
      mark(.acknowledged, stream, number, place, isFull ? 1 : 0)
      mark(.counts)
      if let sum = try await bench.countAsync() { mark(.counted, sum) }
    }
  }

  /// STORE MODE SEED: opens what a power failure has left, and goes on for two transactions.
  static func succeed(_ arguments: [String]) throws {
    guard let mode = Workload.Mode(rawValue: arguments[1]), let seed = UInt64(arguments[2]) else { exit(2) }
    let circumstances = try Circumstances(seed: seed)
    let bench = try bench(arguments[0], mode, circumstances)
    for number in 1...2 {
      let stamp = Stamp(stream: Work.successor, number: number)
      mark(.begins, stamp.stream, number)
      let place = try bench.perform(stamp, circumstances.work, isFull: true)
      mark(.acknowledged, stamp.stream, number, place, 1)
    }
    try bench.close()
    mark(.closed)
  }

  /// STORE MODE SEED TIMES: another store, with as many transactions, whose process is killed.
  static func other(_ arguments: [String]) throws {
    guard let mode = Workload.Mode(rawValue: arguments[1]), let seed = UInt64(arguments[2]) else { exit(2) }
    let circumstances = try Circumstances(seed: seed)
    let bench = try StoreBench(arguments[0], mode, circumstances)
    for number in 1...Self.number(arguments[3]) {
      _ = try bench.perform(Stamp(stream: Work.other, number: number), circumstances.work, isFull: true)
    }
    kill(getpid(), SIGKILL)
  }
}
