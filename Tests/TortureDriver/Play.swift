import FormatCheck
import LMKV
import PowerSimulation

/// What the processes of a scenario do with the store, and how one tells afterwards that it was right.
protocol Play: Sendable {
  static func prepare(_ store: Store) throws
  /// A transaction. What it returns is noted when it was acknowledged.
  static func act(_ chance: inout Chance, _ id: ActID) -> Act
  /// Looks at a snapshot, and throws a `Fault` when it cannot be. It was begun after all that stood in the journal then.
  static func look(_ snapshot: Snapshot, _ journal: Journal, began: UInt64) throws
  /// Compares what there is in the end with what was done.
  static func check(_ store: Store, _ history: History) throws
}

struct Act: Sendable {
  var body: @Sendable (LMKV.Transaction) throws -> UInt64 = { _ in 0 }
  /// What distinguishes its kind in the journal.
  var kind: UInt64 = 0
  /// Where it is not a transaction, but one verb.
  var verb: (@Sendable (Store) throws -> UInt64)?
  var asyncVerb: (@Sendable (Store) async throws -> UInt64)?
}

/// Who does what: the process, its lane (thread or task), and how many came before.
struct ActID: Hashable, Sendable {
  let raw: UInt64

  init(raw: UInt64) {
    self.raw = raw
  }

  init(stream: UInt64, lane: UInt64, number: UInt64, isThrowing: Bool) {
    raw = stream << 36 | number << 4 | lane << 1 | (isThrowing ? 1 : 0)
  }

  var stream: UInt64 { raw >> 36 }
  /// Whether the body throws in the end, so that nothing of it may ever be seen.
  var isThrowing: Bool { raw & 1 == 1 }
}

/// What a body throws that was to throw.
struct Intended: Error {}

/// The journal, read.
struct History {
  struct Life {
    var begun: UInt64?
    var done: UInt64?
    var isUndone = false
    var note: UInt64 = 0
    var kind: UInt64 = 0
  }

  private(set) var acts: [ActID: Life] = [:]
  private(set) var seen: [(place: UInt64, began: UInt64, length: UInt64, hash: UInt64)] = []
  /// Streams whose process was not killed.
  private(set) var ended: Set<UInt64> = []

  init(_ journal: Journal) {
    for event in journal.events() {
      let id = ActID(raw: event.id)
      switch event.kind {
      case .begun:
        acts[id, default: Life()].begun = event.place
        acts[id, default: Life()].kind = event.first
      case .done:
        acts[id, default: Life()].done = event.place
        acts[id, default: Life()].note = event.first
      case .undone: acts[id, default: Life()].isUndone = true
      case .seen: seen.append((event.place, event.id, event.first, event.second))
      case .ended: ended.insert(event.id)
      }
    }
  }

  var doneCount: Int { acts.values.count { $0.done != nil } }
}

enum Plays {
  static func named(_ name: String) throws -> any Play.Type {
    switch name {
    case "counter": CounterPlay.self
    case "bank": BankPlay.self
    case "list": ListPlay.self
    case "churn": ChurnPlay.self
    default: throw Fault("there is no play \(name)")
    }
  }
}

extension Plays {
  static func configuration(of play: any Play.Type) -> Store.Configuration {
    var configuration = Store.Configuration()
    if play == ChurnPlay.self { configuration.clock = ChurnPlay.clock }
    return configuration
  }
}
