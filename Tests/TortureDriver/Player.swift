import FormatCheck
import Foundation
import LMKV
import PowerSimulation

/// A process of a round: `play PLAY STORE JOURNAL STREAM SEED`. It goes on until it is killed, the round is over, or it
/// has done what it came for; then it closes the store.
struct Player {
  let play: any Play.Type
  let store: Store
  let journal: Journal
  let stream: UInt64

  enum Role: CaseIterable {
    case blocking, tasks, reader, opener, sweeper, holder
  }

  static func run(_ arguments: [String]) async throws {
    guard arguments.count == 5, let stream = UInt64(arguments[3]), let seed = UInt64(arguments[4]) else { exit(2) }
    let play = try Plays.named(arguments[0])
    let journal = try Journal(arguments[2])
    var chance = Chance(seed: seed)
    let roles: [Role] = [
      .blocking, .blocking, .blocking, .tasks, .tasks, .tasks, .reader, .reader, .opener, .sweeper, .holder,
    ]
    let role = roles[chance.below(roles.count)]
    var configuration = Store.Configuration()
    configuration.durability = durability(&chance)
    if play == ChurnPlay.self { configuration.clock = ChurnPlay.clock }
    let times = role == .opener ? 1 + chance.below(20) : 1
    for time in 0..<times where !journal.isOver {
      let store = try Store(path: arguments[1], configuration: configuration)
      let player = Player(play: play, store: store, journal: journal, stream: stream)
      switch role {
      case .blocking, .holder: try await player.onThreads(1 + chance.below(3), &chance, holds: role == .holder)
      case .tasks: try await player.inTasks(1 + chance.below(6), &chance)
      case .reader: try await player.reading(&chance)
      case .sweeper: try await player.sweeping(&chance)
      case .opener: try player.visiting(time, &chance)
      }
      try store.close()
    }
  }

  static func durability(_ chance: inout Chance) -> Durability {
    chance.once(in: 3) ? .relaxed(flushEvery: .milliseconds(10 + chance.below(300))) : .full
  }

  /// How many transactions a lane does at most: some processes end by themselves.
  private static func share(_ chance: inout Chance) -> Int {
    chance.once(in: 3) ? chance.below(60) : .max
  }

  /// What is decided before a transaction begins.
  private struct Plan {
    let id: ActID
    let act: Act
    let durability: Durability?
    let timeout: Duration?
    let pause: UInt32
  }

  private func plan(_ lane: Int, _ number: Int, _ chance: inout Chance, holds: Bool = false) -> Plan {
    let throwing = chance.once(in: 12)
    let id = ActID(stream: stream, lane: UInt64(lane), number: UInt64(number), isThrowing: throwing)
    return Plan(
      id: id,
      act: play.act(&chance, id),
      durability: chance.once(in: 4) ? Self.durability(&chance) : nil,
      timeout: chance.once(in: 16) ? .milliseconds(1 + chance.below(40)) : nil,
      pause: holds || chance.once(in: 200) ? UInt32(chance.below(20_000)) : 0
    )
  }

  private func body(_ plan: Plan) -> @Sendable (Transaction) throws -> UInt64 {
    { tx in
      if plan.pause > 0 { usleep(plan.pause / 2) }
      let note = try plan.act.body(tx)
      if plan.pause > 0 { usleep(plan.pause / 2) }
      if plan.id.isThrowing { throw Intended() }
      return note
    }
  }

  /// Whether an error was to be expected, and means that nothing happened.
  private func isHarmless(_ error: any Error) -> Bool {
    error is Intended || (error as? LMKVError)?.code == .timedOut
  }

  private func perform(_ plan: Plan) throws {
    journal.note(.begun, plan.id.raw, plan.act.kind)
    do {
      if let verb = plan.act.verb {
        journal.note(.done, plan.id.raw, try verb(store))
      } else {
        let note = try store.transaction(durability: plan.durability, timeout: plan.timeout, body(plan))
        journal.note(.done, plan.id.raw, note)
      }
    } catch  where isHarmless(error) {
      journal.note(.undone, plan.id.raw)
    }
  }

  private func performAsync(_ plan: Plan) async throws {
    journal.note(.begun, plan.id.raw, plan.act.kind)
    do {
      if let verb = plan.act.asyncVerb {
        journal.note(.done, plan.id.raw, try await verb(store))
      } else {
        let note = try await store.async.transaction(durability: plan.durability, timeout: plan.timeout, body(plan))
        journal.note(.done, plan.id.raw, note)
      }
    } catch  where isHarmless(error) {
      journal.note(.undone, plan.id.raw)
    }
  }

  // MARK: Roles

  private func onThreads(_ count: Int, _ chance: inout Chance, holds: Bool) async throws {
    let seeds = (0..<count).map { _ in chance.next() }
    try await withThrowingTaskGroup { group in
      for lane in 0..<count {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread {
              continuation.resume(
                with: Result {
                  var chance = Chance(seed: seeds[lane])
                  let share = Self.share(&chance)
                  var number = 0
                  while number < share, !journal.isOver {
                    try perform(plan(lane, number, &chance, holds: holds))
                    number += 1
                  }
                }
              )
            }
            .start()
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func inTasks(_ count: Int, _ chance: inout Chance) async throws {
    let seeds = (0..<count).map { _ in chance.next() }
    try await withThrowingTaskGroup { group in
      for lane in 0..<count {
        group.addTask {
          var chance = Chance(seed: seeds[lane])
          let share = Self.share(&chance)
          var number = 0
          while number < share, !journal.isOver {
            try await performAsync(plan(lane, number, &chance))
            number += 1
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Reads, now and then parked in a snapshot, which must not change meanwhile.
  private func reading(_ chance: inout Chance) async throws {
    let (play, journal) = (play, journal)
    while !journal.isOver {
      let began = journal.count
      let pause = chance.once(in: 6) ? UInt32(chance.below(300_000)) : 0
      let body: @Sendable (Snapshot) throws -> Void = { snapshot in
        let revision = snapshot.revision
        try play.look(snapshot, journal, began: began)
        guard pause > 0 else { return }
        usleep(pause)
        try play.look(snapshot, journal, began: began)
        guard snapshot.revision == revision else { throw Fault("a snapshot has changed") }
      }
      if chance.once(in: 2) { try store.read(body) } else { try await store.async.read(body) }
      usleep(UInt32(chance.below(3_000)))
    }
  }

  private func sweeping(_ chance: inout Chance) async throws {
    let store = store
    let sweeper = Task { try await store.sweeper(every: .milliseconds(2)).run() }
    var number = 0
    while !journal.isOver {
      number += 1
      let count = 1 + chance.below(40)
      let (prefix, life) = ("e\(stream)-\(number % 20)-", 1 + chance.below(20))
      try await store.async.transaction { tx in
        for index in 0..<count {
          try tx.scope("fleeting", of: Int.self).set("\(prefix)\(index)", index, expires: .milliseconds(life))
        }
      }
      try await Task.sleep(for: .milliseconds(chance.below(8)))
    }
    sweeper.cancel()
    try await sweeper.value
  }

  /// Opens, does one thing, and goes.
  private func visiting(_ time: Int, _ chance: inout Chance) throws {
    if chance.once(in: 3) {
      let began = journal.count
      try store.read { try play.look($0, journal, began: began) }
    }
    for number in 0..<chance.below(12) { try perform(plan(0, time * 16 + number, &chance)) }
  }
}
