import Harness

/// The outcome of one contender over all rounds.
struct CodecResult: Encodable {
  let contender: String
  let bytes: Double
  let encodeNanoseconds: Double
  let decodeNanoseconds: Double
  let bothNanoseconds: Double
  /// Of the rates. Nil when JSON did not run.
  let encodeRatio: Double?
  let decodeRatio: Double?
  let bothRatio: Double?

  init(of index: Int, in rounds: Rounds<any RecordCodec.Type, CodecSample>) {
    let base = rounds.contenders.firstIndex { $0.name == baseName }
    func ratio(_ nanoseconds: (CodecSample) -> Double) -> Double? {
      base.map { rounds.medianRatio(of: index, to: $0) { 1 / nanoseconds($0) } }
    }
    contender = rounds.contenders[index].name
    bytes = rounds.median(of: index, \.bytes)
    encodeNanoseconds = rounds.median(of: index, \.encodeNanoseconds)
    decodeNanoseconds = rounds.median(of: index, \.decodeNanoseconds)
    bothNanoseconds = rounds.median(of: index, \.bothNanoseconds)
    encodeRatio = ratio(\.encodeNanoseconds)
    decodeRatio = ratio(\.decodeNanoseconds)
    bothRatio = ratio(\.bothNanoseconds)
  }
}

extension Report<CodecResult> {
  init(_ rounds: Rounds<any RecordCodec.Type, CodecSample>) {
    self.init(
      "one record",
      rounds.contenders.indices.map { CodecResult(of: $0, in: rounds) },
      [
        .init("contender") { $0.contender },
        .init("bytes") { $0.bytes.formattedFigure },
        .init("encode ns") { $0.encodeNanoseconds.formattedFigure },
        .init("decode ns") { $0.decodeNanoseconds.formattedFigure },
        .init("both ns") { $0.bothNanoseconds.formattedFigure },
        .init("encode x \(baseName)") { $0.encodeRatio?.formattedRatio ?? "-" },
        .init("decode x \(baseName)") { $0.decodeRatio?.formattedRatio ?? "-" },
        .init("both x \(baseName)") { $0.bothRatio?.formattedRatio ?? "-" },
      ]
    )
  }
}
