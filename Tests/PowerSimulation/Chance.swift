/// A random number generator that gives the same numbers for the same seed (SplitMix64).
public struct Chance: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  /// A generator of its own for each combination of numbers.
  public init(_ numbers: UInt64...) {
    state = 0
    for number in numbers { state = Chance(seed: state ^ number).peek }
  }

  private var peek: UInt64 {
    var copy = self
    return copy.next()
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Whether the next number is even; does not take it.
  public var isEven: Bool { peek % 2 == 0 }

  public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// True once in `count` times.
  public mutating func once(in count: Int) -> Bool { below(count) == 0 }
}
