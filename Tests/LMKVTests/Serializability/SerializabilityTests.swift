import Foundation
import LMKV
import Serializability
import Testing

/// Random transactions by all doors of the API, of threads, tasks and processes, and whether some order explains what
/// they saw. ``CheckerTests`` shows that the checker would see if there were none.
@Suite("Transactions are strictly serializable")
struct SerializabilityTests {
  /// How long to go on with new rounds. `LMKV_SECONDS` makes a longer run of it.
  private static let seconds = ProcessInfo.processInfo.environment["LMKV_SECONDS"].flatMap(Double.init) ?? 0

  @Test func `Whatever threads, tasks and processes do, some order of it explains what they saw`() async throws {
    try await withSeed { generator in
      let start = ContinuousClock.now
      var total = Round.Figures()
      // At least one of each durability, and never half a round: nothing depends on how fast the machine is.
      repeat {
        for durability in [Durability.relaxed(), .full] {
          try await withTemporaryDirectory { directory in
            let round = Round(path: directory.path(of: "store"), durability, seed: generator.next())
            total.add(try await round.run(directory))
            try StoreJudge(path: round.path, sourceLocation: #_sourceLocation).judge()
          }
        }
      } while ContinuousClock.now - start < .seconds(Self.seconds) && total.anomalies == 0
      // What the rounds are good for: each kind of history was there.
      #expect(total.undone > 0 && total.unknown > 0 && total.refused > 0)
      print(total)
    }
  }
}

/// Some workers on a new store, in this process and two others, of which one is killed.
private struct Round {
  struct Figures: CustomStringConvertible {
    var transactions = 0
    var undone = 0
    var unknown = 0
    var refused = 0
    var anomalies = 0
    var checking = Duration.zero

    mutating func add(_ other: Figures) {
      transactions += other.transactions
      undone += other.undone
      unknown += other.unknown
      refused += other.refused
      anomalies += other.anomalies
      checking += other.checking
    }

    var description: String {
      "\(transactions) transactions, of which \(undone) were undone and \(unknown) killed; \(refused) reads through "
        + "outer handles were refused; the check took \(checking)"
    }
  }

  /// How much each worker does.
  private static let count = 100

  let path: String
  let durability: Durability
  var chance: SeededGenerator

  init(path: String, _ durability: Durability, seed: UInt64) {
    self.path = path
    self.durability = durability
    chance = SeededGenerator(seed: seed)
  }

  func run(_ directory: TemporaryDirectory) async throws -> Figures {
    var chance = chance
    let store = try Store(path: path, configuration: .init(durability: durability))
    let other = try Store(path: path)
    // So that every process opens them with the store. Else a thread that is the first to read one waits for the body
    // that its process runs, which may wait for that very thread.
    for scope in ["lists", "counters"] { try await store.async.createScope(scope) }
    let journal = Journal()
    let crew = Crew(threads: 3, tasks: 3, first: 0, store, other, journal, seed: chance.next())
    let files = ["10", "20"].map { directory.path(of: "journal-\($0)") }
    let lasting = try driver(first: "10", count: Self.count, files[0], &chance)
    let dying = try driver(first: "20", count: .max, files[1], &chance)
    try await crew.work(Self.count)
    // It would go on for ever, so it dies in the middle of something.
    dying.kill()
    let line = try #require(lasting.line(), "the other process has ended early")
    #expect(lasting.wait() == 0, "\(line)")
    let history = try await history(store, other, journal, files)
    try other.close()
    try store.close()
    return judge(history, crew.outerReads.refused)
  }

  private func driver(
    first: String,
    count: Int,
    _ file: String,
    _ chance: inout SeededGenerator
  ) throws -> DriverProcess {
    let seed = String(chance.next() >> 1)
    let process = try DriverProcess(
      "append",
      path,
      first,
      "\(count)",
      seed,
      durability == .full ? "full" : "relaxed",
      file
    )
    try process.expect("ready")
    return process
  }

  private func history(_ store: Store, _ other: Store, _ journal: Journal, _ files: [String]) async throws -> History {
    try Worker(99, store, other, Rotation(), journal, seed: 0).lookAtAll()
    return History(try journal.kept + files.flatMap(Journal.read))
  }

  private func judge(_ history: History, _ refused: Int) -> Figures {
    var figures = Figures()
    figures.transactions = history.records.count
    figures.undone = history.records.count { $0.outcome == .undone }
    figures.unknown = history.records.count { $0.outcome == .unknown }
    figures.refused = refused
    var anomalies: [Anomaly] = []
    figures.checking = ContinuousClock().measure { anomalies = history.anomalies() }
    figures.anomalies = anomalies.count
    let kinds = Dictionary(grouping: anomalies, by: \.kind).mapValues(\.count)
    if !anomalies.isEmpty { print("Anomalies:", kinds.map { "\($0.value) of \($0.key.rawValue)" }.sorted()) }
    // One of each kind says enough.
    var isReported: Set<Anomaly.Kind> = []
    for anomaly in anomalies where isReported.insert(anomaly.kind).inserted { Issue.record("\(anomaly)") }
    return figures
  }
}
