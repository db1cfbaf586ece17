import Harness

/// The outcome of one way of reading with one number of entries, over all rounds.
struct ReadsResult: Encodable {
  let contender: String
  let mode: String
  let entries: Int
  let nanosecondsPerGet: Double
  let operationsPerSecond: Double
  /// Of the rates. Nil when the floor did not run.
  let ratioToFloor: Double?

  init(of index: Int, in rounds: Rounds<ReadCase, Double>, entries: Int) {
    let readCase = rounds.contenders[index]
    let floor = rounds.contenders.firstIndex { $0.name == floorName && $0.mode == readCase.mode }
    contender = readCase.name
    mode = readCase.mode.rawValue
    self.entries = entries
    nanosecondsPerGet = rounds.median(of: index, \.self)
    operationsPerSecond = rounds.median(of: index) { 1e9 / $0 }
    ratioToFloor = floor.map { rounds.medianRatio(of: index, to: $0) { 1 / $0 } }
  }
}

extension Report<ReadsResult> {
  init(entries: Int, _ rounds: Rounds<ReadCase, Double>) {
    self.init(
      "\(entries.formattedCount) entries",
      rounds.contenders.indices.map { ReadsResult(of: $0, in: rounds, entries: entries) },
      [
        .init("contender") { $0.contender },
        .init("mode") { $0.mode },
        .init("ns/get") { $0.nanosecondsPerGet.formattedFigure },
        .init("gets/s") { $0.operationsPerSecond.rounded().formattedFigure },
        .init("x \(floorName)") { $0.ratioToFloor?.formattedRatio ?? "-" },
      ]
    )
  }
}
