/// What each contender measured in each round.
///
/// The contenders take turns within a round, and each round begins with the next of them. A spell of a slow disk or of
/// a busy machine then hits all of them alike, and the ratio of two contenders is taken within each round before the
/// median is.
public struct Rounds<Contender, Sample> {
  public let contenders: [Contender]
  private let samples: [[Sample]]

  public init(
    _ rounds: Int,
    of contenders: [Contender],
    measure: (_ contender: Contender, _ round: Int) throws -> Sample
  ) rethrows {
    var samples = [[Sample]](repeating: [], count: contenders.count)
    for round in 0..<rounds {
      for turn in contenders.indices {
        let contender = (round + turn) % contenders.count
        samples[contender].append(try measure(contenders[contender], round))
      }
    }
    self.contenders = contenders
    self.samples = samples
  }

  /// The samples of a contender, by its position, in the order of the rounds.
  public subscript(contender: Int) -> [Sample] {
    samples[contender]
  }

  public func median(of contender: Int, _ value: (Sample) -> Double) -> Double {
    Harness.median(samples[contender].map(value))
  }

  /// The median of the ratios of `contender` to `base`, each within one round.
  public func medianRatio(of contender: Int, to base: Int, _ value: (Sample) -> Double) -> Double {
    Harness.median(zip(samples[contender], samples[base]).map { value($0) / value($1) })
  }
}
