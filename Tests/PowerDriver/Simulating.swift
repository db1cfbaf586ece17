import Foundation
import PowerSimulation
import Synchronization

/// `--name value` pairs.
struct Options {
  private var values: [String: [String]] = [:]

  init(_ arguments: [String]) throws {
    guard arguments.count % 2 == 0 else { throw SimulationError("an option has no value") }
    for index in stride(from: 0, to: arguments.count, by: 2) {
      guard arguments[index].hasPrefix("--") else { throw SimulationError("\(arguments[index]) is no option") }
      values[String(arguments[index].dropFirst(2)), default: []].append(arguments[index + 1])
    }
  }

  func all(_ name: String) -> [String] { values[name] ?? [] }

  func number(_ name: String) throws -> UInt64? {
    guard let text = values[name]?.last else { return nil }
    guard let number = UInt64(text) else { throw SimulationError("--\(name) is no whole number") }
    return number
  }

  func events() throws -> Set<Event> { try all("events").last.map(Event.parse) ?? Event.survived }

  func modes() throws -> [Workload.Mode] {
    try all("mode").map { name in
      guard let mode = Workload.Mode(rawValue: name) else { throw SimulationError("there is no mode \(name)") }
      return mode
    }
  }
}

extension Driver {
  private static var keep: String { NSTemporaryDirectory() + "/lmkv-power-failures" }

  /// Runs workloads and judges images until there are as many or the time is over. Exits with 1 after a
  /// failure in a mode that promises something.
  static func simulate(_ options: Options) throws {
    let wantedImages = try options.number("images").map { Int($0) }
    let seconds = try options.number("seconds") ?? (wantedImages == nil ? 60 : nil)
    let deadline = seconds.map { Date(timeIntervalSinceNow: Double($0)) } ?? .distantFuture
    let seed = try options.number("seed") ?? .random(in: 0...(.max))
    let modes = try options.modes().isEmpty ? [.full] : options.modes()
    let keep = options.all("keep").last ?? keep
    let driver = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let events = try options.events()
    // Until the first failure of a kind or text, and how soon it is found.
    let wanted = options.all("until")
    let start = Date()
    say("seed \(seed)")
    let state = Mutex(
      (round: UInt64(0), planned: 0, reports: [Workload.Mode: Simulation.Report](), error: (any Error)?.none)
    )
    let roundSize = Int(try options.number("round") ?? 200)
    let lanes = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let isFound = Atomic(false)
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      while deadline > .now, !isFound.load(ordering: .relaxed) {
        let plan: (round: UInt64, images: Int)? = state.withLock { state in
          let images = min(roundSize, (wantedImages ?? .max) - state.planned)
          guard images > 0, state.error == nil else { return nil }
          defer {
            state.round += 1
            state.planned += images
          }
          return (state.round, images)
        }
        guard let plan else { return }
        let mode = modes[Int(plan.round) % modes.count]
        do {
          var chance = Chance(seed, plan.round)
          var simulation = Simulation(driver: driver, mode: mode, events: events, keep: keep)
          simulation.stopsAt = wanted
          let report = try simulation.round(seed: chance.next(), images: plan.images, until: deadline)
          state.withLock { state in
            state.reports[mode, default: .init()] += report
            // A round may have come to less than it was asked for.
            state.planned += report.images - plan.images
          }
          if !mode.mayFail { for failure in report.failures { say("FAILURE: \(failure)") } }
          if report.failures.contains(where: { $0.has(wanted) }) {
            say("found after \(Int(Date().timeIntervalSince(start))) s")
            isFound.store(true, ordering: .relaxed)
          }
        } catch {
          state.withLock { $0.error = error }
        }
      }
    }
    let (reports, error) = state.withLock { ($0.reports, $0.error) }
    var isGood = true
    for (mode, report) in reports.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      say("\(mode.rawValue): \(report.summary)")
      if !mode.mayFail, !report.failures.isEmpty { isGood = false }
      if mode.isStore {
        for kind in FaultKind.allCases {
          let count = report.failures.count { $0.kind == kind }
          if count > 0 { say("  \(kind.rawValue): \(count)") }
        }
        say(report.coverage.table)
        let missing = report.coverage.missing(events)
        if !missing.isEmpty { say("  never reached: \(missing.joined(separator: ", "))") }
        // A short run need not come everywhere.
        if report.rounds >= Coverage.longRun, !missing.isEmpty { isGood = false }
      }
    }
    if let error { throw error }
    if !isGood { exit(1) }
  }

  static func replay(_ options: Options) throws {
    guard let mode = try options.modes().first, let seed = try options.number("seed"),
      let trace = options.all("trace").last, let ticket = try options.number("ticket"),
      let choice = try options.number("choice")
    else { throw SimulationError("replay needs --mode, --seed, --trace, --ticket and --choice") }
    let image = options.all("image").last ?? NSTemporaryDirectory() + "/lmkv-power-image"
    let driver = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let circumstances = Circumstances(seed: seed, enabled: try options.events())
    var replay = Replay(
      driver: driver,
      mode: mode,
      circumstances: circumstances,
      trace: trace,
      ticket: ticket,
      choice: choice
    )
    replay.older = try options.number("older")
    replay.lastBoot = options.all("boot").last
    if let trace = options.all("trace2").last, let ticket = try options.number("ticket2"),
      let choice = try options.number("choice2")
    {
      replay.second = (trace, ticket, choice)
    }
    let (manner, fault) = try replay.run(to: image)
    say("\(image): \(manner)")
    say(fault ?? "ok")
    if fault != nil { exit(1) }
  }
}
