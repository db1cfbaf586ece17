import Foundation
import LMKV
import PowerSimulation
import Synchronization
import TestSupport

extension Scenario {
  /// Stores that are made, opened and closed by processes that are killed.
  func opening(_ stage: Stage, _ seconds: Double, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    let end = Moment.seconds + seconds
    let (output, journal) = (stage.directory + "/output", stage.directory + "/journal")
    var (epoch, stream) = (UInt64(0), UInt64(0))
    while Moment.seconds < end, stage.faults.isEmpty {
      let pause = Moment.seconds + min(1, seconds / 2)
      let life = [8, 15, 30, 60][chance.below(4)]
      func enter() throws -> (child: Child, killsAt: Double) {
        stream += 1
        let arguments = ["visit", stage.directory, journal, "\(stream)", "\(epoch)", "\(chance.next())"]
        return (try Child(arguments, output: output), Moment.seconds + Double(chance.below(life * 2_000)) / 1e6)
      }
      var visitors: [(child: Child, killsAt: Double)] = []
      for _ in 0..<4 { visitors.append(try enter()) }
      while Moment.seconds < pause {
        for index in visitors.indices where visitors[index].killsAt < Moment.seconds {
          let status = visitors[index].child.poll()
          guard status == nil else { return stage.fail("a visitor ended with \(status ?? 0): \(stage.words)") }
          if visitors[index].child.kill() { stage.count(kills: 1) }
          visitors[index] = try enter()
        }
        usleep(500)
      }
      for index in visitors.indices where visitors[index].child.kill() { stage.count(kills: 1) }
      if try stage.run(["sound", stage.directory, journal, "\(epoch)"]) != 0 { return stage.fail(stage.words) }
      for place in epoch * 8..<epoch * 8 + 8 {
        try? FileManager.default.removeItem(atPath: "\(stage.directory)/\(place)")
      }
      epoch += 1
    }
    outcome.operations = History(stage.journal).doneCount
  }

  /// Kills one of two who write as fast as they can. The other one must go on, alone.
  func survivor(_ stage: Stage, _ seconds: Double, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    try prepareCounters(stage.store)
    let (end, journal, output) = (Moment.seconds + seconds, stage.directory + "/journal", stage.directory + "/output")
    var stream: UInt64 = 0
    func enter() throws -> Child {
      stream += 1
      return try Child(["count", stage.store, journal, "\(stream)", "1000000"], output: output)
    }
    var pair = [try enter(), try enter()]
    usleep(30_000)
    while Moment.seconds < end {
      usleep(UInt32(10_000 + chance.below(30_000)))
      let victim = chance.below(2)
      pair[victim].kill()
      stage.count(kills: 1)
      // It may be that its own transaction was just being acknowledged: three more events are another transaction.
      let before = stage.journal.count
      var patience = Patience(10)
      while stage.journal.count < before + 3 {
        let status = pair[1 - victim].poll()
        if let status, status != 0 { return stage.fail("the survivor ended with \(status): \(stage.words)") }
        if patience.isOver(stage.journal.count) {
          stage.fail("stuck: the survivor does nothing, though it could. \(pair[1 - victim].whereabouts)")
          pair[1 - victim].kill()
          return
        }
        usleep(200)
      }
      pair[victim] = try enter()
    }
    for index in pair.indices where pair[index].kill() { stage.count(kills: 1) }
    try stage.judge("counter")
    outcome.operations = History(stage.journal).doneCount
  }

  /// Kills who holds the transaction, and sees when somebody else gets it: one who waits already, or one who comes then.
  func takeover(_ stage: Stage, _ seconds: Double, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    let store = try Store(path: stage.store)
    var times: [Double] = []
    let (count, journal) = (seconds < 3 ? 50 : 200, stage.directory + "/journal")
    for round in 0..<count {
      stage.journal.signal = 0
      var child = try Child(
        ["hold", stage.store, journal, "\([0, 3, 20][chance.below(3)])"],
        output: stage.directory + "/output"
      )
      var patience = Patience(20)
      while stage.journal.signal == 0 {
        guard !patience.isOver(), child.poll() == nil else {
          return stage.fail("the holder does not get the transaction. \(child.whereabouts) \(stage.words)")
        }
        usleep(100)
      }
      let taking = Taking(store)
      let isWaiting = round % 2 == 0
      if isWaiting {
        taking.start()
        usleep(UInt32(500 + chance.below(6_000)))
      }
      let killed = Moment.nanoseconds
      kill(child.pid, SIGKILL)
      if !isWaiting { taking.start() }
      let begun = try taking.wait()
      guard begun > killed else { return stage.fail("the transaction of a living process was taken") }
      times.append(Double(begun - killed) / 1e6)
      _ = child.wait()
      stage.count(kills: 1)
    }
    let half = try store.scope("held", of: Int.self).get("half") ?? 0
    if half != 0 { stage.fail("half: \(half) transactions of killed holders are there") }
    let taken = try store.scope("counters", of: Int.self).get("taken") ?? 0
    if taken != count { stage.fail("\(taken) of \(count) were taken over") }
    try store.close()
    times.sort()
    func text(_ time: Double) -> String { String(format: "%.2f", time) }
    outcome.operations = count
    outcome.notes.append(
      "taken over after \(text(times[count / 2])) ms (median), \(text(times[count * 95 / 100])) (95 %), "
        + "\(text(times[count - 1])) (longest), \(times.count { $0 > 10 }) of \(count) after more than 10 ms"
    )
  }

  /// Two hundred processes at once: first all live, unless there is little time, then half of them are killed.
  func crowd(_ stage: Stage, _ seconds: Double, _ outcome: inout Outcome, _ chance: inout Chance) throws {
    try prepareCounters(stage.store)
    let journal = stage.directory + "/journal"
    for wave in (seconds < 3 ? 1 : 0)..<2 {
      var children: [Child] = []
      for index in 0..<200 {
        let stream = UInt64(wave * 200 + index + 1)
        children.append(
          try Child(["count", stage.store, journal, "\(stream)", "25"], output: stage.directory + "/output")
        )
      }
      if wave == 1 {
        for index in children.indices.shuffled(using: &chance).prefix(100) {
          usleep(UInt32(chance.below(20_000)))
          if children[index].kill() { stage.count(kills: 1) }
        }
      }
      for index in children.indices {
        let status = children[index].wait(patience: 120) { stage.journal.count }
        guard let status else {
          stage.fail("one of 200 processes does not end. \(children[index].whereabouts)")
          children[index].kill()
          continue
        }
        if status == 0 { stage.journal.note(.ended, UInt64(wave * 200 + index + 1)) }
        if status != 0, status != -SIGKILL { stage.fail("one of 200 processes ended with \(status): \(stage.words)") }
      }
    }
    try stage.judge("counter")
    outcome.operations = History(stage.journal).doneCount
  }

  func prepareCounters(_ path: String) throws {
    let store = try Store(path: path)
    try CounterPlay.prepare(store)
    try store.close()
  }
}

/// A thread that waits for the transaction.
private final class Taking: Sendable {
  private let store: Store
  private let result = Mutex<Result<UInt64, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ store: Store) {
    self.store = store
  }

  func start() {
    Thread { [self] in
      let outcome = Result {
        try store.transaction(timeout: .seconds(20)) { tx in
          let begun = Moment.nanoseconds
          try tx.scope("counters", of: Int.self).increment("taken")
          return begun
        }
      }
      result.withLock { $0 = outcome }
      done.signal()
    }
    .start()
  }

  func wait() throws -> UInt64 {
    done.wait()
    return try result.withLock { $0 }?.get() ?? 0
  }
}
