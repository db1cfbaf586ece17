import Foundation

/// What identifies a transaction: the stream that it belongs to, and its number there. Everything that it writes bears it.
public struct Stamp: Hashable, Sendable, CustomStringConvertible {
  /// A thread or task of a process; never used again.
  public let stream: Int
  public let number: Int

  public init(stream: Int, number: Int) {
    self.stream = stream
    self.number = number
  }

  public var description: String { "\(stream).\(number)" }

  public var bytes: [UInt8] {
    withUnsafeBytes(of: UInt64(stream).bigEndian, Array.init)
      + withUnsafeBytes(of: UInt64(number).bigEndian, Array.init)
  }

  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 16 else { return nil }
    func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 << 8 | Int($1) } }
    self.init(stream: number(0..<8), number: number(8..<16))
  }
}

/// One step of a transaction.
public enum Step: Sendable {
  case set(scope: String, key: String, size: Int, expires: Bool)
  case remove(scope: String, key: String)
  case clear(scope: String)
  /// Removes the scope itself.
  case drop(scope: String)
}

/// The work that is done, told from its seed alone: so the judge knows what each transaction did.
///
/// Besides its steps each transaction increments `counters/total` and writes its stamp to `log` at the number that it
/// got. So the log tells which transactions there are, in their order, and all the rest follows from it.
public struct Work: Sendable {
  public static let log = "log"
  public static let counters = "counters"
  /// A counter that is raised by verbs, which processes do for each other.
  public static let verbs = "verbs"
  public static let total = "total"
  static let scopes = ["small", "mixed", "large", "left", "right"]
  static let passing = ["passing-0", "passing-1", "passing-2"]

  /// The streams of those who go on with an image: nobody announced them in the trace of the workload.
  public static let judge = 9_999
  public static let successor = 9_998

  /// The stream of all transactions of the other store, whose files are mixed with this one's.
  public static let other = 9_997

  public let seed: UInt64
  private let sizes: Sizes

  public init(seed: UInt64, sizes: Sizes = Sizes()) {
    self.seed = seed
    self.sizes = sizes
  }

  public static func logKey(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// What the transaction does.
  public func steps(_ stamp: Stamp) -> [Step] {
    var chance = Chance(seed, UInt64(stamp.stream), UInt64(stamp.number))
    var steps: [Step] = []
    for _ in 0..<(1 + chance.below(5)) * sizes.steps {
      let scope = Self.scopes[chance.below(3)]
      let key = "key-\(chance.below(24))"
      if chance.once(in: 5) {
        steps.append(.remove(scope: scope, key: key))
      } else {
        let size = scope == "small" ? chance.below(60) : scope == "mixed" ? chance.below(1_500) : chance.below(12_000)
        let scaled = Int(Double(size) * sizes.scale)
        steps.append(.set(scope: scope, key: key, size: scaled, expires: chance.once(in: 6)))
      }
    }
    // Both or neither.
    let pair = "pair-\(chance.below(6))"
    let isGoing = chance.once(in: 4)
    for scope in ["left", "right"] {
      steps.append(
        isGoing ? .remove(scope: scope, key: pair) : .set(scope: scope, key: pair, size: 40, expires: false)
      )
    }
    if chance.once(in: 12) { steps.append(.clear(scope: Self.scopes[chance.below(3)])) }
    if chance.once(in: 6) {
      let scope = Self.passing[chance.below(Self.passing.count)]
      if chance.once(in: 3) {
        steps.append(.drop(scope: scope))
      } else {
        steps.append(.set(scope: scope, key: "key-\(chance.below(5))", size: chance.below(400), expires: false))
      }
    }
    return steps
  }

  /// The value that a transaction writes to a key.
  public static func value(_ stamp: Stamp, _ key: String, size: Int) -> [UInt8] {
    let hash = key.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    let mixed = (hash ^ UInt64(stamp.stream) &* 31 ^ UInt64(stamp.number)) &* 0x9E37_79B9_7F4A_7C15
    return stamp.bytes + [UInt8](repeating: UInt8(mixed >> 56), count: size)
  }
}

/// What a store holds after some transactions.
public struct Model: Sendable {
  public struct Item: Hashable, Sendable {
    public let stamp: Stamp
    public let size: Int
    public let expires: Bool
  }

  public private(set) var scopes: [String: [String: Item]] = [:]
  /// How many transactions there were.
  public private(set) var count = 0

  public init() {}

  public mutating func apply(_ stamp: Stamp, _ work: Work) {
    count += 1
    for step in work.steps(stamp) {
      switch step {
      case .set(let scope, let key, let size, let expires):
        scopes[scope, default: [:]][key] = Item(stamp: stamp, size: size, expires: expires)
      case .remove(let scope, let key): scopes[scope]?[key] = nil
      case .clear(let scope): scopes[scope]?.removeAll()
      case .drop(let scope): scopes[scope] = nil
      }
    }
  }
}

/// What the processes of a workload say in the trace.
public enum Mark: UInt64 {
  /// stream, number: a transaction is about to begin.
  case begins = 1
  /// stream, number, its place in the log, and 1 if it waited for the disk.
  case acknowledged
  /// The first half of the store's UUID: opening the store has returned.
  case opened
  /// Closing the store has returned; it had no error.
  case closed
  /// A transaction has thrown, and is not in the store: stream, number.
  case failed
  /// A durable verb is about to raise the counter of verbs.
  case counts
  /// It has raised it to this.
  case counted
}
