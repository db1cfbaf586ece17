/// What may befall a store besides kills and a failure of the power: each can be switched on by itself.
public enum Event: String, CaseIterable, Sendable, Codable {
  // Of a workload:

  /// Limits and sizes are others than the users': see ``Sizes``.
  case sizes
  /// Room is short: mostly the store has a `maxSize`, and recovery may not make many bytes out of few.
  case limited
  /// Bodies take longer than a process that closes the store waits for its turn.
  case closing
  /// Processes stand still for a while (SIGSTOP).
  case stops
  /// Processes that live at the same time read different boot IDs.
  case boots
  /// Nobody can read a boot ID.
  case bootless
  /// All are killed; then a program that knows LMDB only writes; then ours come, under the same or another boot ID.
  case foreign
  /// A program that knows LMDB and raises the revision, as the documentation asks, commits all the time, while processes
  /// that do verbs for others are killed in their commits.
  case strangers
  /// All are killed, and ours come again under another boot ID: the kernel has kept everything.
  case restart
  /// A write or sync fails with EIO, once or for ever.
  case errors
  /// There is no room for a file to grow, for a while or for ever.
  case fullDisk
  /// A write does a part.
  case shortWrites

  // Of an image, before it is opened:

  /// What was not synced is lost, and the boot ID is the same as before.
  case sameBoot
  /// The boot ID is one that the store has seen before the last one.
  case olderBoot
  /// Nothing is lost, but everybody was killed: an orderly restart of the machine.
  case orderly
  /// The first who opens what a power failure left is a program that knows LMDB only.
  case foreignFirst
  /// Nothing is lost, everybody was killed, and a program that knows LMDB only writes before the restart.
  case foreignAfter
  /// Files were replaced by those of an older state, or of another store.
  case swaps
  /// A bit of `checkpoint` or `redo` is another.
  case flips

  /// Those that a workload itself meets.
  public static let ofWorkload: [Event] = [
    .sizes, .limited, .closing, .stops, .boots, .bootless, .foreign, .strangers, .restart, .errors, .fullDisk,
    .shortWrites,
  ]

  /// Those that an image meets.
  public static let ofImage: [Event] = [
    .sameBoot, .olderBoot, .orderly, .foreignFirst, .foreignAfter, .swaps, .flips,
  ]

  /// What a store is meant to survive, and what the tests therefore do.
  public static let survived = Set(allCases)

  /// `all`, `none`, `survived`, or names with commas between.
  public static func parse(_ text: String) throws -> Set<Event> {
    switch text {
    case "all": return Set(allCases)
    case "none", "": return []
    case "survived": return survived
    default:
      return Set(
        try text.split(separator: ",").map { name in
          guard let event = Event(rawValue: String(name)) else {
            throw SimulationError(
              "there is no event \(name); there are all, none, survived, "
                + allCases.map(\.rawValue).joined(separator: ", ")
            )
          }
          return event
        }
      )
    }
  }
}

/// Under which circumstances a workload works, told from its seed and the events that are switched on.
public struct Circumstances: Sendable {
  public let seed: UInt64
  /// Those that are switched on.
  public let enabled: Set<Event>
  /// Those of them that this workload meets.
  public let met: Set<Event>
  public let sizes: Sizes

  /// How processes are told: the events that are switched on.
  public static let variable = "LMKV_POWER_EVENTS"

  public init(seed: UInt64, enabled: Set<Event>) {
    self.seed = seed
    self.enabled = enabled
    var chance = Chance(seed, 12)
    var met: Set<Event> = []
    for event in Event.ofWorkload {
      // Where few are switched on, all of them are met.
      let isMet = !chance.once(in: enabled.count > 3 ? 2 : 6)
      if isMet, enabled.contains(event) { met.insert(event) }
    }
    self.met = met
    sizes = Sizes(seed: seed, isVaried: met.contains(.sizes), isLimited: met.contains(.limited))
  }

  /// Whether calls of the operating system fail, or what is written does not fit.
  public var mayFail: Bool { !met.isDisjoint(with: [.errors, .fullDisk, .shortWrites, .limited]) }

  /// Whether a process may be refused, because a foreign program has written when nobody watched, or at least not the one
  /// of ours that was to see it.
  public var mayRefuse: Bool { !met.isDisjoint(with: [.foreign, .strangers]) }

  /// Whether a flush may come late, or never.
  public var flushesInTime: Bool { !mayFail && !met.contains(.stops) }

  /// The boot ID of the processes at the beginning.
  public var boot: String { met.contains(.bootless) ? Self.noBoot : boot(0) }

  /// The one after so many restarts.
  public func boot(_ restarts: Int) -> String {
    if met.contains(.bootless) { return Self.noBoot }
    var chance = Chance(seed, 13, UInt64(restarts))
    return (0..<2).map { _ in
      let digits = String(chance.next() | 1, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  public static let noBoot = String(repeating: "0", count: 32)
}
