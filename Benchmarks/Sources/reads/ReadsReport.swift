import Harness

/// The outcome of all rounds with one number of entries, for people and for programs.
struct ReadsReport {
  private let entries: Int
  private let results: [Result]

  struct Result: Encodable {
    let contender: String
    let mode: String
    let entries: Int
    let nanosecondsPerGet: Double
    let operationsPerSecond: Double
    /// Of the rates. Nil when the floor did not run.
    let ratioToFloor: Double?
  }

  init(entries: Int, rounds: Rounds<ReadCase, Double>) {
    self.entries = entries
    results = rounds.contenders.enumerated().map { index, readCase in
      let floor = rounds.contenders.firstIndex { $0.name == floorName && $0.mode == readCase.mode }
      return Result(
        contender: readCase.name,
        mode: readCase.mode.rawValue,
        entries: entries,
        nanosecondsPerGet: rounds.median(of: index, \.self),
        operationsPerSecond: rounds.median(of: index) { 1e9 / $0 },
        ratioToFloor: floor.map { rounds.medianRatio(of: index, to: $0) { 1 / $0 } }
      )
    }
  }

  func printJSONLines() throws {
    for result in results { try printJSONLine(result) }
  }

  func printTable(rounds: Int) {
    print("\n\(entries.formattedCount) entries, \(rounds) \(rounds == 1 ? "round" : "rounds")\n")
    Table<Result>([
      .init("contender") { $0.contender },
      .init("mode") { $0.mode },
      .init("ns/get") { $0.nanosecondsPerGet.formattedFigure },
      .init("gets/s") { $0.operationsPerSecond.rounded().formattedFigure },
      .init("x \(floorName)") { $0.ratioToFloor?.formattedRatio ?? "-" },
    ]).print(results)
  }
}
