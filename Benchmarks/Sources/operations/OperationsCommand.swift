internal import ArgumentParser
import Harness

@main
struct OperationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operations",
    abstract: "Measures reads, writes, batches, scans, patterns and sweeps of stores of several sizes.",
    discussion: """
      Values of \(EntrySet.valueSize) bytes under keys like group-000012:user-00001234. Everything is relaxed: no commit \
      waits for the disk. Ratios are of rates.
      """
  )

  @Option(help: "Comma-separated.")
  var contenders = CommaSeparated(allEntryStores.names)

  @Option(help: "Comma-separated.")
  var operations = CommaSeparated(Operation.allCases.map(\.rawValue))

  @Option(help: "Comma-separated: how many entries a store has.")
  var entries = CommaSeparated([10_000, 100_000, 1_000_000])

  @Option(help: "How long each contender is measured at each operation in a round.")
  var seconds = 0.2

  @OptionGroup var options: RunOptions
  @OptionGroup var stores: StoreOptions

  func validate() throws {
    if entries.elements.contains(where: { !EntrySet.countRange.contains($0) }) {
      let range = EntrySet.countRange
      throw ValidationError(
        "--entries takes numbers from \(range.lowerBound.formattedCount) to \(range.upperBound.formattedCount)."
      )
    }
    if seconds <= 0 { throw ValidationError("--seconds is more than 0.") }
  }

  func run() throws {
    let contenders = try contenders.elements.map { try allEntryStores.named($0).name }
    let operations = try operations.elements.map(Operation.named)
    let directory = try stores.makeDirectory(for: "operations")
    defer { directory.close() }
    var all: [OperationResult] = []
    for count in entries.elements {
      let shelf = StoreShelf(EntrySet(count: count), in: directory)
      let results = try operations.flatMap { try measure($0, of: contenders, on: shelf) }
      try Report(entries: count, results).print(options)
      all += results
    }
    try reportSweeps(contenders.compactMap { SweepGrowth(of: $0, all) })
  }

  private func measure(_ operation: Operation, of contenders: [String], on shelf: StoreShelf) throws
    -> [OperationResult]
  {
    let progress = ProgressLine()
    let cases = try shelf.cases(operation, of: contenders)
    let rounds = try Rounds(options.rounds, of: cases) { operationCase, round in
      progress.show(
        "\(shelf.entries.count.formattedCount) entries, \(operation.rawValue), round \(round + 1) of \(options.rounds): "
          + operationCase.contender
      )
      defer { progress.clear() }
      return try operationCase.measure(Duration(seconds: seconds))
    }
    return OperationResult.results(operation, entries: shelf.entries.count, rounds)
  }

  private func reportSweeps(_ sweeps: [SweepGrowth]) throws {
    if options.json {
      try sweeps.forEach(printJSONLine)
    } else if !sweeps.isEmpty {
      print()
      for sweep in sweeps { print(sweep.sentence) }
    }
  }
}
