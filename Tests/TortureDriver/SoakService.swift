import FormatCheck
import Foundation
import LMKV
import PowerSimulation

/// A service of the soak: `soak-service DIRECTORY PLACE STREAM SEED`. It opens and closes the stores of tenants, and does with
/// them what services do, in some tasks at once, until it is told to rest, to end, or is killed.
struct SoakService {
  private let directory: String
  private let table: SoakTable
  private let place: Int
  private let stream: Int

  /// How many tasks of a service work at once.
  private static let lanes = 6
  /// How many stores a task has open at once, at most.
  private static let openAtOnce = 8

  static func run(_ arguments: [String]) async throws {
    guard arguments.count == 4, let place = Int(arguments[1]), let stream = Int(arguments[2]),
      let seed = UInt64(arguments[3])
    else { throw Fault("soak-service: arguments") }
    let table = try SoakTable(arguments[0])
    let service = Self(directory: arguments[0], table: table, place: place, stream: stream)
    var chance = Chance(seed: seed)
    while !table.isOver(place) {
      let seeds = (0..<lanes).map { _ in chance.next() }
      try await withThrowingTaskGroup { group in
        for seed in seeds { group.addTask { try await service.work(Chance(seed: seed)) } }
        try await group.waitForAll()
      }
      // Nothing is open now.
      while table.rest != 0, !table.isOver(place) {
        table.noteRest(place)
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private var goesOn: Bool { !table.isOver(place) && table.rest == 0 }

  /// Opens the stores of some tenants, works with them for a while, and closes them.
  private func work(_ chance: Chance) async throws {
    var chance = chance
    while goesOn {
      var stores: [(store: Store, tenant: Int)] = []
      for _ in 0...chance.below(Self.openAtOnce) {
        let tenant = chance.below(Soak.tenants)
        var configuration = Store.Configuration()
        configuration.durability = Player.durability(&chance)
        stores.append((try Store(path: Soak.path(directory, tenant), configuration: configuration), tenant))
      }
      for _ in 0...chance.below(60) where goesOn {
        let (store, tenant) = stores[chance.below(stores.count)]
        do {
          try await act(store, tenant, &chance)
        } catch let error as LMKVError where error.code == .timedOut {
        } catch is CancellationError {
        } catch is Intended {}
        table.noteStep()
      }
      for (store, _) in stores { try store.close() }
    }
  }

  // MARK: What services do

  private func act(_ store: Store, _ tenant: Int, _ chance: inout Chance) async throws {
    switch chance.below(12) {
    case 0...2: try await count(store, tenant)
    case 3: try await move(store, &chance)
    case 4: try await queue(store, &chance)
    case 5: try await lock(store, &chance)
    case 6: try await permit(store, &chance)
    case 7: try await expire(store, &chance)
    case 8: try await compute(store, &chance)
    case 9: try await cancel(store, &chance)
    case 10: try await wait(store, &chance)
    default: try await SoakJudge.look(store)
    }
  }

  /// The acknowledged increments of a process are there, whatever becomes of it.
  private func count(_ store: Store, _ tenant: Int) async throws {
    table.noteBegun(stream, tenant)
    try await store.scope("counts", of: Int.self).async.increment("\(stream)")
    table.noteDone(stream, tenant)
  }

  /// Money moves, now and then in a body that throws at its end, or has little time.
  private func move(_ store: Store, _ chance: inout Chance) async throws {
    let throwing = chance.once(in: 8)
    let timeout: Duration? = chance.once(in: 4) ? .milliseconds(1 + chance.below(30)) : nil
    let act = BankPlay.act(&chance, ActID(stream: UInt64(stream), lane: 0, number: 0, isThrowing: throwing))
    try await store.async.transaction(timeout: timeout) { tx in
      _ = try act.body(tx)
      if throwing { throw Intended() }
    }
  }

  /// A queue with serial numbers: each that was put in comes out once, in its order.
  private func queue(_ store: Store, _ chance: inout Chance) async throws {
    let count = 1 + chance.below(4)
    let takes = chance.once(in: 2)
    try await store.async.transaction { tx in
      let ends = tx.scope("ends", of: Int.self)
      let items = tx.scope("queue", of: Int.self)
      let (head, tail) = (try ends.get("head", default: 0), try ends.get("tail", default: 0))
      if takes {
        for number in head..<min(head + count, tail) {
          guard try items.take(SoakJudge.key(number)) == number else { throw Fault("\(number) is not in the queue") }
        }
        try ends.set("head", min(head + count, tail))
      } else if tail - head < 200 {
        for number in tail..<tail + count { try items.set(SoakJudge.key(number), number) }
        try ends.set("tail", tail + count)
      }
    }
  }

  /// With the lock, what was read does not change before it is written, though no transaction lasts so long.
  private func lock(_ store: Store, _ chance: inout Chance) async throws {
    let name = "lock-\(chance.below(3))"
    let pause = UInt64(chance.below(2_000))
    let timeout: Duration? = chance.once(in: 3) ? .milliseconds(chance.below(50)) : .seconds(600)
    try await store.lock(name).async.withLock(timeout: timeout) {
      let serials = store.scope("serials", of: Int.self).async
      let former = try await serials.get(name)
      try await Task.sleep(for: .microseconds(pause))
      let outcome =
        if let former { try await serials.set(name, former + 1, ifValue: former) } else {
          try await serials.setIfAbsent(name, 1)
        }
      guard outcome.isApplied else {
        throw Fault("two had the lock \(name) at once")
      }
    }
  }

  private func permit(_ store: Store, _ chance: inout Chance) async throws {
    let pause = UInt64(chance.below(2_000))
    let timeout: Duration? = chance.once(in: 3) ? .milliseconds(chance.below(50)) : .seconds(600)
    try await store.semaphore("permits", permits: 2).async.withPermit(timeout: timeout) {
      try await Task.sleep(for: .microseconds(pause))
    }
  }

  private func expire(_ store: Store, _ chance: inout Chance) async throws {
    let fleeting = store.scope("fleeting", of: Int.self).async
    let key = "k\(chance.below(500))"
    switch chance.below(5) {
    case 0: try await fleeting.increment(key, expires: .kept(or: .milliseconds(1 + chance.below(500))))
    case 1: try await fleeting.touch(key, expires: .milliseconds(1 + chance.below(500)))
    case 2: try await store.async.sweepExpired(limit: 1 + chance.below(100))
    default: try await fleeting.set(key, chance.below(1_000), expires: .milliseconds(1 + chance.below(500)))
    }
  }

  private func compute(_ store: Store, _ chance: inout Chance) async throws {
    let key = chance.below(20)
    let pause = UInt64(chance.below(1_000))
    let value = try await store.scope("computed", of: Int.self).async
      .memoize("k\(key)", expires: .milliseconds(1 + chance.below(200)), timeout: .seconds(600)) {
        try await Task.sleep(for: .microseconds(pause))
        return key
      }
    guard value == key else { throw Fault("\(value) was computed for \(key)") }
  }

  /// Something that is given up while it waits or works.
  private func cancel(_ store: Store, _ chance: inout Chance) async throws {
    let (way, pause, time) = (chance.below(3), UInt32(chance.below(2_000)), UInt64(chance.below(4_000)))
    let task = Task {
      switch way {
      case 0: try await store.async.transaction { _ in _ = usleep(pause) }
      case 1: try await store.lock("cancelled").async.withLock { try await Task.sleep(for: .microseconds(pause)) }
      default:
        try await store.semaphore("cancelled", permits: 1).async.withPermit {
          try await Task.sleep(for: .microseconds(pause))
        }
      }
    }
    try await Task.sleep(for: .microseconds(time))
    task.cancel()
    try await task.value
  }

  /// Many transactions with more time than they need: what they have for their ends must not stay.
  private func wait(_ store: Store, _ chance: inout Chance) async throws {
    for _ in 0..<8 {
      _ = try await store.async.transaction(timeout: .seconds(3_600)) { tx in
        try tx.scope("timed", of: Int.self).increment("n")
      }
    }
  }
}
