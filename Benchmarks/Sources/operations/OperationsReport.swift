import Harness

/// The outcome of one operation with one number of entries, over all rounds.
struct OperationResult: Encodable {
  let operation: String
  let contender: String
  let entries: Int
  let unit: String
  let nanosecondsPerUnit: Double
  let unitsPerSecond: Double
  /// Of the rates. Nil when the floor did not run, or cannot do it.
  let ratioToFloor: Double?
  let ratioToSQLite: Double?

  static func results(_ operation: Operation, entries: Int, _ rounds: Rounds<OperationCase, Double>) -> [Self] {
    func ratio(of index: Int, to name: String) -> Double? {
      let base = rounds.contenders.firstIndex { $0.contender == name }
      return base.map { rounds.medianRatio(of: index, to: $0) { 1 / $0 } }
    }
    return rounds.contenders.indices.map { index in
      OperationResult(
        operation: operation.rawValue,
        contender: rounds.contenders[index].contender,
        entries: entries,
        unit: operation.unit,
        nanosecondsPerUnit: rounds.median(of: index, \.self),
        unitsPerSecond: rounds.median(of: index) { 1e9 / $0 },
        ratioToFloor: ratio(of: index, to: floorName),
        ratioToSQLite: ratio(of: index, to: rivalName)
      )
    }
  }
}

extension Report<OperationResult> {
  init(entries: Int, _ results: [OperationResult]) {
    self.init(
      "\(entries.formattedCount) entries",
      results,
      [
        .init("operation") { $0.operation },
        .init("contender") { $0.contender },
        .init("ns") { $0.nanosecondsPerUnit.formattedFigure },
        .init("for a") { $0.unit },
        .init("per second") { $0.unitsPerSecond.rounded().formattedFigure },
        .init("x \(floorName)") { $0.ratioToFloor?.formattedRatio ?? "-" },
        .init("x \(rivalName)") { $0.ratioToSQLite?.formattedRatio ?? "-" },
      ]
    )
  }
}

/// How much dearer a sweep of as many expired entries is among many than among few.
struct SweepGrowth: Encodable {
  static let limit = 2.0

  let contender: String
  let expired: Int
  let fewEntries: Int
  let manyEntries: Int
  let timesAsLong: Double

  /// Nil where fewer than two sizes were measured.
  init?(of contender: String, _ results: [OperationResult]) {
    let sweeps = results.filter { $0.operation == Operation.sweep.rawValue && $0.contender == contender }
    guard let few = sweeps.min(by: { $0.entries < $1.entries }), let many = sweeps.max(by: { $0.entries < $1.entries }),
      few.entries < many.entries
    else { return nil }
    self.contender = contender
    expired = EntrySet.batchSize
    fewEntries = few.entries
    manyEntries = many.entries
    timesAsLong = many.nanosecondsPerUnit / few.nanosecondsPerUnit
  }

  var sentence: String {
    """
    \(contender): sweeping \(expired.formattedCount) expired of \(manyEntries.formattedCount) entries takes \
    \(timesAsLong.formattedRatio) as long as of \(fewEntries.formattedCount).
    """
  }
}
