import Harness

/// The outcome of all rounds, for people and for programs.
struct CodecReport {
  private let results: [Result]

  struct Result: Encodable {
    let contender: String
    let bytes: Double
    let encodeNanoseconds: Double
    let decodeNanoseconds: Double
    let bothNanoseconds: Double
    /// Of the rates. Nil when JSON did not run.
    let encodeRatio: Double?
    let decodeRatio: Double?
    let bothRatio: Double?
  }

  init(rounds: Rounds<any RecordCodec.Type, CodecSample>) {
    let base = rounds.contenders.firstIndex { $0.name == baseName }
    results = rounds.contenders.enumerated().map { index, contender in
      func ratio(_ nanoseconds: (CodecSample) -> Double) -> Double? {
        base.map { rounds.medianRatio(of: index, to: $0) { 1 / nanoseconds($0) } }
      }
      return Result(
        contender: contender.name,
        bytes: rounds.median(of: index, \.bytes),
        encodeNanoseconds: rounds.median(of: index, \.encodeNanoseconds),
        decodeNanoseconds: rounds.median(of: index, \.decodeNanoseconds),
        bothNanoseconds: rounds.median(of: index, \.bothNanoseconds),
        encodeRatio: ratio(\.encodeNanoseconds),
        decodeRatio: ratio(\.decodeNanoseconds),
        bothRatio: ratio(\.bothNanoseconds)
      )
    }
  }

  func printJSONLines() throws {
    for result in results { try printJSONLine(result) }
  }

  func printTable(rounds: Int) {
    print("one record, \(rounds) \(rounds == 1 ? "round" : "rounds")\n")
    Table<Result>([
      .init("contender") { $0.contender },
      .init("bytes") { $0.bytes.formattedFigure },
      .init("encode ns") { $0.encodeNanoseconds.formattedFigure },
      .init("decode ns") { $0.decodeNanoseconds.formattedFigure },
      .init("both ns") { $0.bothNanoseconds.formattedFigure },
      .init("encode x \(baseName)") { $0.encodeRatio?.formattedRatio ?? "-" },
      .init("decode x \(baseName)") { $0.decodeRatio?.formattedRatio ?? "-" },
      .init("both x \(baseName)") { $0.bothRatio?.formattedRatio ?? "-" },
    ]).print(results)
  }
}
