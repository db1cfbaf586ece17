import Foundation

/// What befalls a store between a failure and its next opening by one of ours, told from the number of the image.
public struct Aftermath: Sendable {
  public enum Source: String, Sendable {
    case older, other
  }

  /// The event; nil: the power failed, and the machine was started anew.
  public let event: Event?
  /// Whether what was not synced is lost.
  public let losesWrites: Bool
  /// How many transactions a foreign program commits.
  let foreign: Int
  /// Which files come from where.
  let swapped: [String]
  let source: Source
  /// In which file a bit changes.
  private let damaged: String
  private let choice: UInt64

  private static let files = ["data.mdb", "checkpoint", "redo"]

  /// - Parameter hasOlder: whether an older state of the store is known.
  public init(choice: UInt64, enabled: Set<Event>, hasOlder: Bool) {
    self.choice = choice
    var chance = Chance(choice, 21)
    let possible = Event.ofImage.filter { enabled.contains($0) }
    let isPlain = chance.once(in: possible.count > 2 ? 4 : 3)
    event = possible.isEmpty || isPlain ? nil : possible[chance.below(possible.count)]
    // A record of the log that no sync has reached, changed, cannot be told from one that a failure has torn.
    damaged = chance.once(in: 2) ? "store/checkpoint" : "store/redo"
    switch event {
    case .orderly, .foreignAfter, .swaps: losesWrites = false
    case .flips where damaged == "store/redo": losesWrites = false
    case .flips, .olderBoot: losesWrites = chance.once(in: 2)
    default: losesWrites = true
    }
    foreign = event == .foreignAfter || event == .foreignFirst ? 1 + chance.below(40) : 0
    if event == .swaps {
      source = hasOlder && chance.once(in: 2) ? .older : .other
      let chosen = 1 + chance.below(7)
      swapped = Self.files.enumerated().filter { chosen >> $0.offset & 1 == 1 }.map(\.element)
    } else {
      (source, swapped) = (.older, [])
    }
  }

  /// In words, for a report.
  public var manner: String {
    guard let event else { return "" }
    let what =
      switch event {
      case .swaps: "\(swapped.joined(separator: " and ")) of \(source == .older ? "an older state" : "another store")"
      case .foreignAfter, .foreignFirst: "\(foreign) foreign transactions"
      default: losesWrites ? "the power fails" : "nothing is lost"
      }
    return "\(event.rawValue): \(what)"
  }

  /// Puts other files in the place of some, or changes a bit of one. Returns what was done, in words.
  func change(_ files: inout [String: [UInt8]], older: [String: [UInt8]]?, other: [String: [UInt8]]) -> String? {
    for name in swapped {
      files["store/" + name] = source == .older ? older?["store/" + name] : other["store/" + name]
    }
    guard event == .flips else { return nil }
    var chance = Chance(choice, 22)
    let name = damaged
    guard var bytes = files[name], !bytes.isEmpty else { return nil }
    for _ in 0..<64 {
      // The records of `checkpoint`, half of the time.
      let place =
        name.hasSuffix("checkpoint") && chance.once(in: 2)
        ? chance.below(2) * 4_096 + chance.below(512) : chance.below(bytes.count)
      guard place < bytes.count, bytes[max(0, place - 64)..<min(bytes.count, place + 64)].contains(where: { $0 != 0 })
      else { continue }
      bytes[place] ^= 1 << UInt8(chance.below(8))
      files[name] = bytes
      return "a bit of byte \(place) of \(name)"
    }
    return nil
  }

  /// What must hold of the image then.
  ///
  /// - Parameters:
  ///   - older: the moment of the older state.
  ///   - others: how many transactions the other store has.
  func ask(_ question: inout Question, older: UInt64?, others: Int, boots: (last: String, first: String)) {
    question.isEverythingThere = !losesWrites && !(event == .flips && damaged == "store/redo")
    switch event {
    case .sameBoot: question.boot = boots.last
    case .olderBoot: question.boot = boots.first
    // It may also come before there is a store.
    case .foreignFirst: question.refusals = [Question.contradiction, "notAStore:"]
    case .foreignAfter: (question.foreign, question.refusals) = (foreign, [Question.contradiction, "notAStore:"])
    case .flips: question.refusals = [Question.contradiction]
    case .swaps:
      // All three together are a state as good as any.
      if swapped.count < Self.files.count {
        question.refusals = [Question.contradiction]
        // Of what no sync has reached nobody can tell whether it is missing because of that.
        question.isEverythingThere = false
      }
      guard swapped.contains("data.mdb") else { break }
      if source == .other { question.otherStore = others } else if let older { question.since = older }
    default: break
    }
  }
}
