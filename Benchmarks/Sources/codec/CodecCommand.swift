internal import ArgumentParser
import Harness
import Records

@main
struct CodecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codec",
    abstract: "Measures encoding and decoding of a typical record.",
    discussion: "Ratios are to Foundation's JSON, of the rates: 5x is five times as fast."
  )

  @Option(help: "Comma-separated.")
  var contenders = CommaSeparated(allContenders.names)

  @Option(help: "How long encoding is measured in a round, and as long decoding.")
  var seconds = 0.5

  @OptionGroup var options: RunOptions

  func validate() throws {
    if seconds <= 0 { throw ValidationError("--seconds is more than 0.") }
  }

  func run() throws {
    let contenders = try contenders.elements.map(allContenders.named)
    let records = Record.samples(64)
    let progress = ProgressLine()
    let rounds = try Rounds(options.rounds, of: contenders) { contender, round in
      progress.show("round \(round + 1) of \(options.rounds): \(contender.name)")
      defer { progress.clear() }
      return try CodecSample(of: contender, records, for: Duration(seconds: seconds))
    }
    try Report(rounds).print(options)
  }
}
