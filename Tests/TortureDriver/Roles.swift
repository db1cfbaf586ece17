import FormatCheck
import Foundation
import LMKV
import PowerSimulation
import TestSupport

/// The processes of scenarios that are not plays.
enum Roles {
  static func run(_ role: String, _ arguments: [String]) async throws {
    func number(_ index: Int) throws -> UInt64 {
      guard index < arguments.count, let number = UInt64(arguments[index]) else {
        throw Fault("\(role): argument \(index)")
      }
      return number
    }
    guard let path = arguments.first else { throw Fault("\(role): no path") }
    switch role {
    case "hold": try hold(path, try Journal(arguments[1]), runUp: Int(try number(2)))
    case "count":
      try count(path, try Journal(arguments[1]), try number(2), Int(try number(3)), jumps: arguments.count > 4)
    case "tally": try await tally(path, try Journal(arguments[1]), try number(2))
    case "serve": try serve(path, try Journal(arguments[1]))
    case "fill": try fill(path, try Journal(arguments[1]), try number(2), limit: try number(3))
    case "waits": try waits(path)
    case "unlogged": try unlogged(path)
    case "visit": try visit(path, try Journal(arguments[1]), try number(2), epoch: try number(3), seed: try number(4))
    case "sound": try sound(path, try Journal(arguments[1]), epoch: try number(2))
    case "look": try look(path, held: Int(try number(1)), mayNeedRecovery: arguments.count > 2)
    case "stranger": try stranger(path, try Journal(arguments[1]), seed: try number(2))
    case "gaze": try gaze(path, try Journal(arguments[1]))
    case "fork": try forkAgain(path, try Journal(arguments[1]))
    default: throw Fault("there is no role \(role)")
    }
  }

  /// Commits for a while, and then holds the transaction until it is killed.
  private static func hold(_ path: String, _ journal: Journal, runUp: Int) throws {
    let store = try Store(path: path)
    for _ in 0..<runUp { try store.scope("held", of: Int.self).increment("n") }
    try store.transaction { tx in
      try tx.scope("held", of: Int.self).increment("half")
      journal.signal = Moment.nanoseconds
      while true { pause() }
    }
  }

  /// Counts so often, as `CounterPlay` checks it. `jumps`: with a clock that says anything.
  private static func count(_ path: String, _ journal: Journal, _ stream: UInt64, _ times: Int, jumps: Bool) throws {
    var configuration = Store.Configuration()
    if jumps { configuration.clock = StoreClock { .random(in: -4_000_000_000_000...8_000_000_000_000) } }
    let store = try Store(path: path, configuration: configuration)
    var chance = Chance(stream, 1)
    for number in 0..<times {
      let id = ActID(stream: stream, lane: 0, number: UInt64(number), isThrowing: false)
      var act = CounterPlay.act(&chance, id)
      while act.verb != nil { act = CounterPlay.act(&chance, id) }
      journal.note(.begun, id.raw)
      let note = try store.transaction { tx in
        if jumps {
          let key = "e\(stream)-\(number % 8)"
          try tx.scope("fleeting", of: Int.self).set(key, number, expires: .milliseconds(1 + number % 60))
        }
        return try act.body(tx)
      }
      journal.note(.done, id.raw, note)
      if jumps, number % 16 == 0 { try store.sweepExpired() }
    }
    try store.close()
  }

  /// Counts until it is told to end.
  private static func serve(_ path: String, _ journal: Journal) throws {
    let store = try Store(path: path)
    while !journal.isOver {
      journal.signal = UInt64(try store.scope("counters", of: Int.self).increment("served"))
      usleep(1_000)
    }
    try store.close()
  }

  /// From now on writing a file beyond a size is an error.
  private static func limitFiles(to limit: UInt64) throws {
    // Otherwise it would be a signal.
    signal(SIGXFSZ, SIG_IGN)
    var limits = rlimit(rlim_cur: UInt(limit), rlim_max: UInt(limit))
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits) == 0 else { throw Fault("setrlimit") }
  }

  /// A durable commit after a relaxed one, where there is room for the data and not for the log.
  private static func unlogged(_ path: String) throws {
    let store = try Store(path: path, configuration: .init(durability: .relaxed(flushEvery: .seconds(10))))
    let scope = store.scope("unlogged", of: Int.self)
    try scope.set("n", 0)
    try limitFiles(to: 512 << 10)
    for number in 1..<20 {
      do {
        try store.transaction(durability: .full) { try $0.scope("unlogged", of: Int.self).set("n", number) }
      } catch  where isFull(error) {
        guard try scope.get("n") != number else { throw Fault("a transaction is there, and failed with: \(error)") }
      }
    }
  }

  /// Writes until the medium takes no more, and goes on trying.
  private static func fill(_ path: String, _ journal: Journal, _ stream: UInt64, limit: UInt64) throws {
    if limit > 0 { try limitFiles(to: limit) }
    var chance = Chance(stream, limit)
    var configuration = Store.Configuration()
    configuration.durability = Player.durability(&chance)
    let store: Store
    do {
      store = try Store(path: path, configuration: configuration)
    } catch  where isFull(error) {
      return
    }
    var failures: [String] = []
    for number in 0..<3_000 where failures.count < 40 && !journal.isOver {
      let id = ActID(stream: stream, lane: 0, number: UInt64(number), isThrowing: false)
      let size = chance.below(chance.once(in: 10) ? 300_000 : 20_000)
      journal.note(.begun, id.raw)
      do {
        let note = try store.transaction { tx in
          try tx.scope("pads").set("\(stream)-\(number)", .bytes([UInt8](repeating: 7, count: size)))
          try tx.scope("counters", of: Int.self).increment("total")
          return UInt64(try tx.scope("counters", of: Int.self).increment("t\(stream)"))
        }
        journal.note(.done, id.raw, note)
      } catch  where isFull(error) {
        journal.note(.undone, id.raw)
        failures.append("\(number): \(error)")
        usleep(1_000)
      }
    }
    if let first = failures.first { Driver.say("stream \(stream): \(failures.count) errors, the first is \(first)") }
    do {
      try store.close()
    } catch  where isFull(error) {}
  }

  static func isFull(_ error: any Error) -> Bool {
    guard let error = error as? LMKVError else { return false }
    return [.diskFull, .inputOutput, .storeFull].contains(error.code)
  }

  /// Makes and opens the stores of an epoch, in any order.
  private static func visit(
    _ directory: String,
    _ journal: Journal,
    _ stream: UInt64,
    epoch: UInt64,
    seed: UInt64
  ) throws {
    var chance = Chance(seed: seed)
    for number in 0..<100_000 where !journal.isOver {
      let place = epoch * 8 + UInt64(chance.below(8))
      let store = try Store(path: "\(directory)/\(place)")
      for step in 0..<chance.below(14) {
        let id = ActID(stream: stream, lane: 0, number: UInt64(number * 16 + step), isThrowing: false)
        journal.note(.begun, id.raw, place)
        try store.scope("s\(chance.below(4))", of: Int.self).increment("n")
        journal.note(.done, id.raw)
      }
      try store.close()
    }
  }

  /// Judges the stores of an epoch.
  private static func sound(_ directory: String, _ journal: Journal, epoch: UInt64) throws {
    let history = History(journal)
    for place in epoch * 8..<epoch * 8 + 8 {
      let path = "\(directory)/\(place)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let acts = history.acts.values.filter { $0.kind == place && $0.begun != nil }
      let store = try Store(path: path)
      let sum = try (0..<4).reduce(0) { try $0 + store.scope("s\($1)", of: Int.self).get("n", default: 0) }
      let done = acts.count { $0.done != nil }
      guard sum >= done else { throw Fault("lost: \(place) has \(sum), and \(done) were acknowledged") }
      guard sum <= acts.count else { throw Fault("doubled: \(place) has \(sum), of \(acts.count)") }
      try store.close()
      try Soundness.check(path, .init())
    }
  }

  /// On a medium that cannot be written: opens the store as immutable or not at all, reads what was committed, and must
  /// not write.
  private static func look(_ path: String, held: Int, mayNeedRecovery: Bool) throws {
    for access in [Store.Configuration.Access.readOnly, .readWrite] {
      do {
        _ = try Store(path: path, configuration: .init(access: access))
        throw Fault("a store on a read-only medium was opened as \(access)")
      } catch let error as LMKVError where error.code == .readOnlyFileSystem {}
    }
    let store: Store
    do {
      store = try Store(path: path, configuration: .init(access: .immutable))
    } catch let error as LMKVError where error.code == .recoveryNeeded && mayNeedRecovery {
      return Driver.say("as it was left: \(error.code)")
    }
    let (count, half) = try store.read { try ($0["held"].get("n")?.int ?? 0, $0["held"].get("half")) }
    guard count == held, half == nil else { throw Fault("read \(count) of \(held), half: \(half ?? .null)") }
    do {
      try store.scope("held", of: Int.self).increment("n")
      throw Fault("a store on a read-only medium was written")
    } catch let error as LMKVError where error.code == .readOnly {
      Driver.say("read \(count); writing is refused: \(error.code)")
    }
    try store.close()
  }

  /// Forks again and again: the child cannot use the store of its parent, and can open its own.
  private static func forkAgain(_ path: String, _ journal: Journal) throws {
    guard let symbol = dlsym(nil, "fork") else { throw Fault("there is no fork") }
    let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
    let store = try Store(path: path)
    let counters = store.scope("counters", of: Int.self)
    // The parent's threads use each type for the first time now. Swift's runtime takes a lock for that, and a child that is
    // forked in that moment finds it taken for ever.
    let ready = Moment.seconds + 1.5
    while Moment.seconds < ready {
      try counters.increment("warm")
      usleep(10_000)
    }
    for round in 0..<40 {
      for _ in 0..<12 { try counters.increment("parent") }
      let child = fork()
      if child == 0 {
        do {
          try counters.increment("parent")
          _exit(3)
        } catch let error as LMKVError where error.code == .forked {
        } catch { _exit(4) }
        // Not after everything that may have stood still in the middle: a third only stands for a while.
        if round % 3 == 0 { while true { pause() } }
        do {
          let own = try Store(path: path)
          for _ in 0..<3 { try own.scope("children", of: Int.self).increment("n") }
          try own.close()
          _exit(0)
        } catch {
          Driver.say("a forked child: \(error)")
          _exit(5)
        }
      }
      for _ in 0..<3 { try counters.increment("parent") }
      if round % 3 == 0 { kill(child, SIGKILL) }
      var status: Int32 = 0
      var patience = Patience(20)
      while waitpid(child, &status, WNOHANG) == 0 {
        if patience.isOver() {
          kill(child, SIGKILL)
          waitpid(child, &status, 0)
          throw Fault("a forked child does not end")
        }
        usleep(200)
      }
      let expected: Int32 = round % 3 == 0 ? SIGKILL : 0
      guard status == expected else { throw Fault("a forked child ended with \(status >> 8), signal \(status & 0x7F)") }
    }
    let value = try counters.get("parent") ?? 0
    guard value == 40 * 15 else { throw Fault("the parent has counted to \(value), of 600") }
    let children = try store.scope("children", of: Int.self).get("n") ?? 0
    guard children == 26 * 3 else { throw Fault("the children have counted to \(children), of 78") }
    journal.signal = UInt64(value + children)
    try store.close()
  }
}
