import Foundation
import LMKV
import PowerSimulation
import TestSupport

extension Scenario {
  /// Six processes count durably, mostly by way of each other. Now and then one of them is stopped for a moment, wherever
  /// it is, and now and then killed.
  func letters(
    _ stage: Stage,
    _ seconds: Double,
    _ outcome: inout Outcome,
    _ chance: inout Chance,
    hasStrangers: Bool = false
  ) throws {
    try prepareCounters(stage.store)
    let end = Moment.seconds + seconds
    var stream: UInt64 = 0
    func enter() throws -> (child: Child, stream: UInt64) {
      stream += 1
      let arguments = ["tally", stage.store, stage.directory + "/journal", "\(stream)"]
      return (try Child(arguments, output: stage.directory + "/output"), stream)
    }
    var players = [try enter()]
    for _ in 0..<5 { players.append(try enter()) }
    var strangers = try (0..<(hasStrangers ? 2 : 0)).map { _ in
      try Child(
        ["stranger", stage.store, stage.directory + "/journal", "\(chance.next())"],
        output: stage.directory + "/output"
      )
    }
    var patience = Patience(20)
    while Moment.seconds < end, !stage.journal.isOver {
      usleep(UInt32(chance.below(12_000)))
      let index = chance.below(players.count)
      if chance.once(in: 4) {
        if players[index].child.kill() { stage.count(kills: 1) }
        if let status = players[index].child.status, status != -SIGKILL {
          return stage.fail("a process ended with \(status): \(stage.words)")
        }
        players[index] = try enter()
      } else {
        players[index].child.stop()
        usleep(UInt32(chance.below(chance.once(in: 8) ? 40_000 : 8_000)))
        players[index].child.goOn()
      }
      if patience.isOver(stage.journal.count) {
        stage.fail(
          "stuck: nothing was done for 20 seconds that the machine had for it. "
            + players.map(\.child.whereabouts).joined(separator: " | ")
        )
        break
      }
    }
    stage.journal.isOver = true
    for index in players.indices {
      if players[index].child.wait(patience: 30, progress: { stage.journal.count }) == nil {
        stage.fail("a process does not end. \(players[index].child.whereabouts)")
        players[index].child.kill()
      }
      let status = players[index].child.status ?? 0
      if status == 0 {
        stage.journal.note(.ended, players[index].stream)
      } else {
        stage.fail("\(status): \(stage.words)")
      }
    }
    for index in strangers.indices {
      let status = strangers[index].wait(patience: 30, progress: { stage.journal.count })
      if status != 0 { stage.fail("a stranger ended with \(status ?? 0): \(stage.words)") }
      strangers[index].kill()
    }
    try stage.judge("counter")
    outcome.operations = History(stage.journal).doneCount
  }
}

extension Roles {
  /// Counts with two threads and two tasks, with verbs alone, until it is told to end.
  static func tally(_ path: String, _ journal: Journal, _ stream: UInt64) async throws {
    let store = try Store(path: path)
    try await withThrowingTaskGroup { group in
      for lane in 0..<4 {
        group.addTask {
          var chance = Chance(stream, UInt64(lane))
          var number: UInt64 = 0
          while !journal.isOver {
            let id = ActID(stream: stream, lane: UInt64(lane), number: number, isThrowing: false)
            number += 1
            var act = CounterPlay.act(&chance, id)
            while act.verb == nil { act = CounterPlay.act(&chance, id) }
            guard let verb = act.verb, let asyncVerb = act.asyncVerb else { continue }
            journal.note(.begun, id.raw, act.kind)
            let sum = if lane < 2 { try await Self.onThread { try verb(store) } } else { try await asyncVerb(store) }
            journal.note(.done, id.raw, sum)
          }
        }
      }
      try await group.waitForAll()
    }
    try store.close()
  }

  private static func onThread(_ body: @escaping @Sendable () throws -> UInt64) async throws -> UInt64 {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try body() }) }.start()
    }
  }
}
