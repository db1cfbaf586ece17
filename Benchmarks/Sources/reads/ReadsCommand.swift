internal import ArgumentParser
internal import Foundation
import Harness

@main
struct ReadsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reads",
    abstract: "Measures point reads of \(EntrySet.valueSize)-byte values by random keys, all of it in memory.",
    discussion: """
      Each store is read in two ways: many gets in one snapshot (snapshot), and each get in a transaction of its own \
      (single). Ratios are to plain C in the same way.
      """
  )

  @Option(help: "Comma-separated.")
  var contenders = CommaSeparated(allContenders.names)

  @Option(help: "Comma-separated: how many entries a store has.")
  var entries = CommaSeparated([10_000, 1_000_000])

  @Option(help: "How long each way of reading is measured in a round.")
  var seconds = 1.0

  @OptionGroup var options: RunOptions
  @OptionGroup var stores: StoreOptions

  func validate() throws {
    if entries.elements.contains(where: { !EntrySet.countRange.contains($0) }) {
      throw ValidationError("--entries takes numbers from 1 to \(EntrySet.countRange.upperBound.formattedCount).")
    }
    if seconds <= 0 { throw ValidationError("--seconds is more than 0.") }
  }

  func run() throws {
    let contenders = try contenders.elements.map(allContenders.named)
    let directory = try stores.makeDirectory(for: "reads")
    defer { directory.close() }
    for count in entries.elements {
      let entries = EntrySet(count: count)
      let cases = try makeCases(of: contenders, entries, in: directory)
      try Report(entries: count, measure(cases, entries)).print(options)
    }
  }

  private func makeCases(
    of contenders: [any ReadContender.Type],
    _ entries: EntrySet,
    in directory: StoreDirectory
  ) throws -> [ReadCase] {
    let progress = ProgressLine()
    defer { progress.clear() }
    return try contenders.flatMap { contender in
      progress.show("\(entries.count.formattedCount) entries into \(contender.name)")
      let store = try directory.makeStore("\(contender.name)-\(entries.count)")
      let opened = try contender.init(directory: store.path, entries: entries)
      return ReadMode.allCases.map { ReadCase(contender: opened, mode: $0) }
    }
  }

  private func measure(_ cases: [ReadCase], _ entries: EntrySet) throws -> Rounds<ReadCase, Double> {
    let progress = ProgressLine()
    defer { progress.clear() }
    return try Rounds(options.rounds, of: cases) { readCase, round in
      progress.show("round \(round + 1) of \(options.rounds): \(readCase.name), \(readCase.mode)")
      return try readCase.nanosecondsPerGet(of: entries, for: Duration(seconds: seconds))
    }
  }
}
