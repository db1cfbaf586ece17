import FormatCheck
import Foundation
import LMKV
import PowerSimulation
import TestSupport

/// A long service life in a short time: services come and go, stay, are stopped and killed, the clock is set, and what all
/// that takes of the machine must not grow: `soak [--seconds S] [--seed X]`.
struct Soak {
  /// How many stores there are.
  static let tenants = 16
  /// Services that live from the beginning to the end; what they take is measured.
  private static let residents = 3
  /// Services that come and go.
  private static let visitors = 3
  /// For how many milliseconds a visitor stays on the average.
  private static let visit = 800

  static func path(_ directory: String, _ tenant: Int) -> String { "\(directory)/tenant-\(tenant)" }

  private struct Place {
    var child: Child
    /// When it is to end, or is killed.
    var leaves: Double
    var isKilled: Bool
  }

  private let directory: String
  private let output: String
  private let table: SoakTable
  private let start = Moment.seconds
  private let seconds: Double
  private var chance: Chance
  private var clock = ClockSteps()
  private var places: [Place] = []
  private var (streams, kills, clockSteps) = (0, 0, 0)
  /// The most that a resident was seen to take at work.
  private var most = SoakFigures()

  /// Runs it, and ends with status 1 if anything was not as it must be.
  static func run(_ options: Options) throws {
    let seed = try options.number("seed") ?? .random(in: 0...(.max))
    let seconds = Double(try options.number("seconds") ?? 600)
    Driver.say("seed \(seed)")
    signal(SIGPIPE, SIG_IGN)
    let base = options.all("directory").last ?? NSTemporaryDirectory() + "/lmkv-soak-\(getpid())"
    do {
      var soak = try Soak(base, seconds: seconds, Chance(seed: seed))
      defer { soak.killAll() }
      try soak.run()
    } catch {
      Driver.say(
        "VIOLATION: \(error)\n  left in \(base); again: TortureDriver soak --seconds \(Int(seconds)) --seed \(seed)"
      )
      exit(1)
    }
    try? FileManager.default.removeItem(atPath: base)
  }

  private init(_ directory: String, seconds: Double, _ chance: Chance) throws {
    guard !FileManager.default.fileExists(atPath: directory) else { throw Fault("there is something already") }
    try ClockSteps.share(in: directory)
    // What glibc keeps of freed memory grows for a long time, in each of its arenas, and a leak would be hidden beside it. So
    // there is one arena, and blocks as large as LMDB's for each store go back to the system.
    setenv("MALLOC_ARENA_MAX", "1", 1)
    setenv("MALLOC_MMAP_THRESHOLD_", "1048576", 1)
    self.directory = directory
    output = directory + "/output"
    table = try SoakTable(directory)
    self.seconds = seconds
    self.chance = chance
  }

  private mutating func run() throws {
    for tenant in 0..<Self.tenants {
      let store = try Store(path: Self.path(directory, tenant))
      try BankPlay.prepare(store)
      // A snapshot does not always know a scope that is made while it reads others.
      for scope in ["pads", "sizes", "ends", "queue", "counts"] { try store.createScope(scope) }
      try store.close()
    }
    for place in 0..<Self.residents + Self.visitors { places.append(try enter(place)) }
    var quarter: SoakFigures?
    for part in 1...4 {
      try work(for: seconds / 4)
      let figures = try rest(part)
      if quarter == nil { quarter = figures }
      guard part == 4, let quarter else { continue }
      try end()
      try judge(isWhole: true)
      report(quarter, figures)
      let excesses = figures.excesses(over: quarter)
      guard excesses.isEmpty else { throw Fault(excesses.joined(separator: "; ")) }
    }
  }

  // MARK: Services

  private func isResident(_ place: Int) -> Bool { place < Self.residents }

  private mutating func enter(_ place: Int) throws -> Place {
    defer { streams += 1 }
    guard streams < SoakTable.streams else { throw Fault("there are more than \(streams) services") }
    table.enter(place)
    let arguments = ["soak-service", directory, "\(place)", "\(streams)", "\(chance.next())"]
    let share = (Double(chance.below(1_000_000)) + 1) / 1_000_001
    let stay = isResident(place) ? .infinity : -Double(Self.visit) / 1_000 * log(share)
    let child = try Child(arguments, output: output)
    return Place(child: child, leaves: Moment.seconds + stay, isKilled: chance.once(in: 2))
  }

  private mutating func work(for time: Double) throws {
    let end = Moment.seconds + time
    var patience = Patience(30)
    let pause = min(30, max(1, seconds / 20))
    var (next, before) = (Moment.seconds + pause, table.steps)
    while Moment.seconds < end {
      for place in places.indices { try look(after: place) }
      if chance.once(in: 200) {
        clock.step(&chance)
        clockSteps += 1
      }
      if chance.once(in: 100) { stop(chance.below(places.count)) }
      if patience.isOver(table.steps) { throw stuck("nothing was done") }
      if Moment.seconds >= next {
        most = most.most(try figures())
        let rate = Int(Double(table.steps - before) / pause)
        Driver.say(
          "\(Int(Moment.seconds - start)) s: \(rate) steps a second, \(streams) services, \(kills) killed, "
            + "clock set \(clockSteps) times; \(most)"
        )
        (next, before) = (Moment.seconds + pause, table.steps)
      }
      usleep(1_000)
    }
    most = most.most(try figures())
  }

  /// Lets a process stand still for a moment, wherever it is.
  private mutating func stop(_ place: Int) {
    places[place].child.stop()
    usleep(UInt32(chance.below(20_000)))
    places[place].child.goOn()
  }

  private mutating func look(after place: Int) throws {
    if let status = places[place].child.poll() {
      guard status == 0, !isResident(place) else { throw Fault("a service ended with \(status): \(words)") }
      places[place] = try enter(place)
    } else if places[place].leaves < Moment.seconds {
      places[place].leaves = .infinity
      guard places[place].isKilled else { return table.end(place) }
      if places[place].child.kill() { kills += 1 }
      // If it had ended by itself, the next look sees how.
      guard places[place].child.status == -SIGKILL else { return }
      places[place] = try enter(place)
    }
  }

  /// With fewer threads nobody is waited for.
  private static let restingThreads = 12

  /// Lets all close their stores, measures what they take then, and compares the stores with what they were told.
  private mutating func rest(_ part: Int) throws -> SoakFigures {
    table.rest = UInt64(part)
    var patience = Patience(30)
    while !places.indices.allSatisfy({ table.isAtRest($0) || places[$0].child.status != nil }) {
      for place in places.indices {
        guard let status = places[place].child.poll() else { continue }
        guard status == 0, !isResident(place) else { throw Fault("a service ended with \(status): \(words)") }
      }
      if patience.isOver(table.steps) { throw stuck("services do not come to rest") }
      usleep(1_000)
    }
    try judge(isWhole: false)
    // The machine measures a little at random; and threads that all stores share end when they have had nothing to do for
    // some seconds.
    var figures = try figures()
    var looks = 0
    while looks < 20 || (figures[.threads] > Self.restingThreads && looks < 400) {
      usleep(25_000)
      figures = figures.least(try self.figures())
      looks += 1
    }
    table.rest = 0
    return figures
  }

  private func judge(isWhole: Bool) throws {
    let arguments = ["soak-check", directory, "\(streams)"] + (isWhole ? ["whole"] : [])
    var child = try Child(arguments, output: output)
    guard let status = child.wait(patience: 120) else {
      defer { child.kill() }
      throw Fault("the judge does not end. \(child.whereabouts)")
    }
    guard status == 0 else { throw Fault(words) }
  }

  private mutating func end() throws {
    table.endAll()
    for place in places.indices {
      guard let status = places[place].child.wait(patience: 30, progress: { [table] in table.steps }) else {
        throw stuck("a service does not end")
      }
      guard status == 0 else { throw Fault("a service ended with \(status): \(words)") }
    }
    // What was written last expires half a second later.
    clock.settle()
    usleep(600_000)
  }

  private mutating func killAll() {
    for place in places.indices { places[place].child.kill() }
  }

  private func stuck(_ what: String) -> Fault {
    Fault(
      "stuck: \(what) for 30 seconds that the machine had for it. "
        + places.map(\.child.whereabouts).joined(separator: " | ")
    )
  }

  /// The last that was said.
  private var words: String {
    let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    return String(text.suffix(2_000)).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // MARK: Figures

  /// What the resident takes that takes most, and the files of all stores.
  private func figures() throws -> SoakFigures {
    var figures = SoakFigures(stores: (0..<Self.tenants).map { Self.path(directory, $0) })
    for place in 0..<Self.residents { figures = figures.most(try SoakFigures(process: places[place].child.pid)) }
    return figures
  }

  private func report(_ quarter: SoakFigures, _ end: SoakFigures) {
    func row(_ cells: [String]) {
      Driver.say(cells.map { String(repeating: " ", count: max(0, 16 - $0.count)) + $0 }.joined())
    }
    row(["", "most at work", "at rest, 1/4", "at rest, end", "bound"])
    for measure in SoakFigures.Measure.allCases {
      let cells = [most[measure], quarter[measure], end[measure], measure.bound(quarter[measure])].map(String.init)
      row([measure.rawValue] + (measure.isBounded ? cells : cells.dropLast() + ["-"]))
    }
    Driver.say("\(table.steps) steps, \(streams) services, \(kills) killed, clock set \(clockSteps) times")
  }
}
