import Foundation

/// A workload while it runs: who is started when, and what befalls them.
struct WorkloadRun {
  private let workload: Workload
  private var chance: Chance
  private var stream = 0
  private var boot: String
  private var restarts = 0
  /// What was wrong with the end of some process.
  private(set) var faults: [String] = []
  /// The boot ID of those who came last.
  var lastBoot: String { boot }

  init(_ workload: Workload) {
    self.workload = workload
    chance = Chance(workload.seed, 1)
    boot = workload.circumstances.boot
  }

  private var met: Set<Event> { workload.circumstances.met }

  /// Some processes are killed, some live for one transaction, one reads for long, one is foreign.
  mutating func run() throws {
    try FileManager.default.createDirectory(atPath: workload.root, withIntermediateDirectories: true)
    try Trace.create(workload.trace, capacity: 1 << 31)
    let times = workload.circumstances.sizes.times
    // All at once, so that they race for the creation.
    var crowd: [Worker] = []
    for index in 0..<3 {
      let other = met.contains(.boots) && chance.once(in: 3) ? workload.circumstances.boot(100 + index) : nil
      crowd.append(try worker(1 + chance.below(4), (8 + chance.below(16)) * times, dies: index == 2, boot: other))
    }
    if chance.once(in: 2) { crowd.append(try foreign()) }
    if met.contains(.closing) { try closeDuringBodies() }
    if met.contains(.strangers) { try mixWithStrangers() }
    if met.contains(.stops) { stopSome(of: crowd) }
    for _ in 0..<2 { try finish(worker(1, 1, dies: false)) }
    try finish(crowd[2], mayDie: true)
    if met.contains(.boots) { try mixBoots() }
    try finish(worker(2, 8, dies: true), mayDie: true)
    try finish(worker(2, 8, dies: false))
    for worker in crowd { try finish(worker, mayDie: true) }
    if !met.isDisjoint(with: [.foreign, .restart]) { try interlude() }
    // And once more, to a store that was closed.
    try finish(worker(1, 3, dies: chance.once(in: 2)), mayDie: true)
    try Trace.finish(workload.trace)
  }

  /// Some write, become the owners of the pin perhaps, and close, while others are in the middle of long bodies.
  private mutating func closeDuringBodies() throws {
    for _ in 0..<4 {
      // Alone at first, so that it makes the checkpoint and is the owner.
      let owner = try worker(2, 16 + chance.below(16), dies: false)
      usleep(UInt32(60_000 + chance.below(120_000)))
      let living = try (0..<2).map { _ in try worker(1, 16, dies: false, bodies: 40_000) }
      try finish(owner)
      for worker in living { try finish(worker) }
    }
  }

  /// Some come while others live, and read another boot ID.
  private mutating func mixBoots() throws {
    let living = try (0..<2).map { _ in try worker(2, 24, dies: false) }
    for number in 0..<3 {
      usleep(UInt32(chance.below(80_000)))
      try finish(worker(1, 1 + chance.below(6), dies: false, boot: workload.circumstances.boot(110 + number)))
    }
    for worker in living { try finish(worker) }
  }

  /// Those who do verbs for others are killed in their commits, and a stranger is the next to commit.
  private mutating func mixWithStrangers() throws {
    let strangers = try (0..<2).map { _ in try foreign(times: 150, raises: true) }
    for _ in 0..<3 {
      let mixed = try (0..<3).map { index in try worker(4, 8, dies: index > 0) }
      for worker in mixed { try finish(worker, mayDie: true) }
    }
    for stranger in strangers { try finish(stranger) }
  }

  /// Everybody is killed, and somebody else comes.
  private mutating func interlude() throws {
    for _ in 0..<1 + chance.below(2) {
      let killed = try (0..<2).map { _ in try worker(1 + chance.below(2), 12, dies: true) }
      for worker in killed { try finish(worker, mayDie: true) }
      if met.contains(.foreign) { try finish(foreign(), mayDie: true) }
      if met.contains(.restart) {
        restarts += 1
        boot = workload.circumstances.boot(restarts)
      }
      let next = try (0..<2).map { _ in try worker(1, 8, dies: false) }
      if met.contains(.foreign), chance.once(in: 2) { try finish(foreign(), mayDie: true) }
      for worker in next { try finish(worker, mayDie: true) }
    }
  }

  private mutating func finish(_ worker: Worker, mayDie: Bool = false) throws {
    let circumstances = workload.circumstances
    if let fault = try worker.fault(mayDie: mayDie, mayFail: circumstances.mayFail || circumstances.mayRefuse) {
      faults.append(fault)
    }
  }

  /// THREADS and TIMES, whether it is killed, and how many microseconds its bodies take.
  private mutating func worker(
    _ threads: Int,
    _ times: Int,
    dies: Bool,
    boot other: String? = nil,
    bodies: Int = 0
  ) throws -> Worker {
    defer { stream += threads }
    var environment = common
    environment["LMKV_BOOT_ID"] = other ?? boot
    environment["LMKV_POWER_BODY"] = String(bodies)
    environment["LMKV_POWER_SEED"] = String(chance.below(1 << 30))
    environment["LMKV_POWER_SYNC_DELAY"] = String([100, 400, 1_500][chance.below(3)])
    if dies {
      let manner = ["before", "after", "inside"][chance.below(3)]
      environment["LMKV_POWER_DIE"] = "\(1 + chance.below(times * threads * 4)):\(manner)"
    }
    environment["LMKV_POWER_FAULTS"] = CallFaults.plan(met, workload.circumstances.sizes, times * threads, &chance)
    return try Worker(
      workload.driver,
      [
        "work", workload.root + "/store", workload.mode.rawValue, String(workload.seed), String(stream),
        String(threads), String(times),
      ],
      environment
    )
  }

  private mutating func foreign(times: Int? = nil, raises: Bool = false) throws -> Worker {
    let times = times ?? 10 + chance.below(10)
    return try Worker(
      workload.driver,
      ["foreign", workload.root + "/store", String(times), raises ? "raised-\(chance.next())" : "foreign"],
      common
    )
  }

  private var common: [String: String] {
    [
      "LMKV_POWER_TRACE": workload.trace, "LMKV_POWER_ROOT": workload.root,
      Circumstances.variable: workload.circumstances.enabled.map(\.rawValue).joined(separator: ","),
    ]
  }

  /// Lets some stand still for a while, wherever they are.
  private mutating func stopSome(of crowd: [Worker]) {
    for _ in 0..<6 {
      usleep(UInt32(chance.below(60_000)))
      let process = crowd[chance.below(crowd.count)].processID
      kill(process, SIGSTOP)
      usleep(UInt32(chance.below(chance.once(in: 6) ? 1_500_000 : 80_000)))
      kill(process, SIGCONT)
    }
  }
}

/// Which calls of a process fail, for `PowerRecorder/faults.h`.
enum CallFaults {
  static func plan(_ met: Set<Event>, _ sizes: Sizes, _ transactions: Int, _ chance: inout Chance) -> String {
    var rules: [String] = []
    let files = ["data.mdb", "redo", "checkpoint", "data.mdb", "*"]
    func file(_ chance: inout Chance) -> String { files[chance.below(files.count)] }
    // Not every process, and not at its start only.
    if met.contains(.errors), chance.once(in: 2) {
      for _ in 0..<1 + chance.below(2) {
        let times = [1, 1, 1, 2, -1][chance.below(5)]
        let operation = chance.once(in: 3) ? "w" : "s"
        let file = file(&chance)
        // Of those there are few that matter, anywhere among many; of the others one or two for each transaction.
        let isRare = file == "checkpoint" || (file == "data.mdb" && operation == "s")
        let after = isRare ? -(4 + chance.below(16)) : chance.below(transactions * (operation == "w" ? 2 : 1) + 1)
        rules.append("\(operation),\(file),\(after),EIO,\(times)")
      }
    }
    if met.contains(.fullDisk), chance.once(in: 2) {
      let room = [64 << 10, 256 << 10, 1 << 20, 2 << 20][chance.below(4)]
      rules.append(
        "x,\(file(&chance)),\(room),\(["ENOSPC", "EDQUOT"][chance.below(2)]),\([3, 40, -1][chance.below(3)])"
      )
    }
    if met.contains(.shortWrites), chance.once(in: 2) {
      let file = files[chance.below(3)]
      rules.append("w,\(file),\(chance.below(transactions * 2)),SHORT,\([1, 3][chance.below(2)])")
    }
    return rules.joined(separator: ";")
  }
}
