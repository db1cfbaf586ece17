import Foundation
import PowerSimulation
import TestSupport

/// A directory with one store, and the processes that play on it until they are killed.
final class Stage {
  let directory: String
  let store: String
  let journal: Journal
  private(set) var kills = 0
  private(set) var faults: [String] = []
  private var streams: UInt64 = 0
  private var clock = ClockSteps()
  private let outputs: String

  init(_ directory: String) throws {
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    store = directory + "/store"
    outputs = directory + "/output"
    journal = try Journal(directory + "/journal")
  }

  private struct Place {
    var child: Child
    var stream: UInt64
    var stopsAt: Double?
    var killsAt: Double
  }

  struct Manner {
    var processes = 8
    var seconds: Double
    /// How long a process lives on the average, in milliseconds. Nil: nobody is killed.
    var life: Int?
    var isEnough: () -> Bool = { false }
  }

  /// Plays. Whoever is killed or goes is followed by another one.
  func play(_ play: String, _ manner: Manner, _ chance: inout Chance) throws {
    let end = Moment.seconds + manner.seconds
    var places: [Place] = []
    for _ in 0..<manner.processes { places.append(try enter(play, manner, &chance)) }
    var patience = Patience(30)
    while Moment.seconds < end, !journal.isOver, faults.isEmpty, !manner.isEnough() {
      for index in places.indices {
        let now = Moment.seconds
        if let stops = places[index].stopsAt, stops < now {
          places[index].stopsAt = nil
          places[index].child.stop()
        }
        if places[index].killsAt < now, places[index].child.kill() {
          kills += 1
          places[index] = try enter(play, manner, &chance)
        } else if places[index].child.poll() != nil {
          settle(places[index].child, places[index].stream)
          places[index] = try enter(play, manner, &chance)
        }
      }
      if chance.once(in: 400) { clock.step(&chance) }
      if patience.isOver(journal.count) {
        faults.append(
          "stuck: nothing was done for 30 seconds that the machine had for it. "
            + places.map(\.child.whereabouts).joined(separator: " | ")
        )
      }
      usleep(500)
    }
    journal.isOver = true
    // Half of those who would be killed come to their end.
    for index in places.indices where places[index].killsAt < .infinity {
      if chance.once(in: 2) {
        if places[index].child.kill() { kills += 1 }
      } else {
        places[index].child.goOn()
      }
    }
    for index in places.indices { finish(places[index].child, places[index].stream) }
    clock.settle()
  }

  /// Lets one more process play without a kill.
  func run(_ arguments: [String], patience: Double = 60) throws -> Int32? {
    var child = try Child(arguments, output: outputs)
    let status = child.wait(patience: patience) { [journal] in journal.count }
    if status == nil {
      faults.append("\(arguments[0]) does not end. \(child.whereabouts)")
      child.kill()
    }
    return status
  }

  func fail(_ fault: String) {
    faults.append(fault)
  }

  func count(kills more: Int) {
    kills += more
  }

  private func enter(_ play: String, _ manner: Manner, _ chance: inout Chance) throws -> Place {
    streams += 1
    let now = Moment.seconds
    let life = manner.life.map { -Double($0) / 1_000 * log((Double(chance.below(1_000_000)) + 1) / 1_000_001) }
    let stops = life.flatMap { chance.once(in: 25) ? now + $0 / 2 : nil }
    let arguments = ["play", play, store, directory + "/journal", "\(streams)", "\(chance.next())"]
    return Place(
      child: try Child(arguments, output: outputs),
      stream: streams,
      stopsAt: stops,
      killsAt: life.map { now + $0 } ?? .infinity
    )
  }

  private func finish(_ child: Child, _ stream: UInt64) {
    var child = child
    if child.wait(patience: 30, progress: { [journal] in journal.count }) == nil {
      faults.append("process \(stream) does not end. \(child.whereabouts)")
      child.kill()
    }
    settle(child, stream)
  }

  private func settle(_ child: Child, _ stream: UInt64) {
    switch child.status {
    case 0: journal.note(.ended, stream)
    case -SIGKILL: break
    default: faults.append("process \(stream) ended with \(child.status ?? 0): \(words)")
    }
  }

  /// The last that was said.
  var words: String {
    let text = (try? String(contentsOfFile: outputs, encoding: .utf8)) ?? ""
    return String(text.suffix(2_000)).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
