/// How large things are in one workload: the limits by which a store decides, and what is written. Told from the seed,
/// so that a judge knows them too.
///
/// Small limits bring about in a few hundred transactions what otherwise takes hours: a log that wraps around, grows and
/// is full, images that run out, a pin that stands still, transactions that are too large for the log.
public struct Sizes: Sendable {
  public var smallestLog: UInt64 = 1 << 20
  public var largestLog: UInt64 = 1 << 24
  public var maxImages: UInt64 = 2_048
  public var longestWindow: UInt64 = 32
  public var pagesInWindow: UInt64 = 128
  public var growth: UInt64 = 64
  public var streak: UInt64 = 8
  /// In nanoseconds.
  public var idle: UInt64 = 500_000_000
  public var maxKept = 64 << 20
  /// In bytes; nil: none.
  public var maxSize: Int?
  /// By what the sizes of values are multiplied, and how many times as many steps a transaction has.
  public var scale = 1.0
  public var steps = 1
  /// How many times as many transactions.
  public var times = 1

  public init() {}

  /// - Parameter isVaried: whether they differ from those of every user.
  public init(seed: UInt64, isVaried: Bool, isLimited: Bool) {
    var chance = Chance(seed, 11)
    if isVaried {
      smallestLog = 1 << (14 + UInt64(chance.below(7)))
      largestLog = smallestLog << UInt64(chance.below(5))
      maxImages = [4, 16, 64, 256, 2_048][chance.below(5)]
      longestWindow = [1, 2, 8, 32][chance.below(4)]
      pagesInWindow = [8, 32, 128][chance.below(3)]
      growth = [4, 16, 64][chance.below(3)]
      streak = [2, 8][chance.below(2)]
      idle = [30_000_000, 500_000_000][chance.below(2)]
      maxKept = [1 << 18, 1 << 20, 64 << 20][chance.below(3)]
      // Tiny, as always, and up to many times a quarter of the log.
      (scale, steps) = [(0.02, 1), (1, 1), (1, 1), (1, 3), (4, 2)][chance.below(5)]
      times = [1, 1, 3][chance.below(3)]
    }
    // Enough for what is there at any time, but not for much beside it.
    if isLimited { maxSize = [nil, 3 << 20, 6 << 20, 16 << 20][chance.below(4)] }
  }
}
