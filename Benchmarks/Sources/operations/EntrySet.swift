import Harness

/// The entries of a store, and the sample of them that is read and written by chance.
///
/// The n-th key is `group-000012:user-00001234`, with 100 users in a group, so that the keys ascend. Its value starts
/// with the number n modulo 256, by which readers check it.
final class EntrySet {
  static let countRange = 10_000...100_000_000
  static let keySize = 26
  static let valueSize = 100
  static let valueCount = 256
  static let groupSize = 100
  static let batchSize = 1_000
  static let largestSample = 200_000
  /// Matches one key in a hundred, and begins with nothing fixed.
  static let glob = "*:user-????1?7*"

  let count: Int
  /// The keys, ascending, `keySize` bytes each.
  let keys: [UInt8]
  let values: [[UInt8]]
  /// The positions of distinct keys in random order, whole batches of them.
  let sample: [Int]
  /// The positions of the keys that the glob matches.
  let matching: [Int]
  /// The keys of the sample, in its order, so that what is measured is the store and not a cache miss on the way to the
  /// key.
  let sampleKeys: [UInt8]
  let matchingKeys: [UInt8]
  /// For contenders that take strings. Made when the first one asks.
  private(set) lazy var strings = (0..<count).map(string)
  private(set) lazy var sampleStrings = sample.map(string)

  init(count: Int) {
    self.count = count
    var random = SplitMix64(seed: UInt64(count))
    let size = min(count, Self.largestSample)
    sample = Array((0..<count).shuffled(using: &random).prefix(size - size % Self.batchSize))
    matching = (0..<count).filter { $0 / 1_000 % 10 == 1 && $0 / 10 % 10 == 7 }
    var keys: [UInt8] = []
    keys.reserveCapacity(count * Self.keySize)
    for position in 0..<count { Self.append(position, to: &keys) }
    self.keys = keys
    sampleKeys = sample.flatMap { keys[Self.key($0)] }
    matchingKeys = matching.flatMap { keys[Self.key($0)] }
    values = (0..<Self.valueCount).map { number in
      withUnsafeBytes(of: number, Array.init)
        + [UInt8](repeating: 0x2E, count: Self.valueSize - MemoryLayout<Int>.size)
    }
  }

  var groups: Int { count / Self.groupSize }

  /// The keys of a group begin with this.
  static func prefix(ofGroup group: Int) -> String {
    String(decoding: keyStart(ofGroup: group), as: UTF8.self)
  }

  func value(at position: Int) -> [UInt8] { values[position % Self.valueCount] }

  /// Where the n-th of keys that lie one after another is.
  static func key(_ index: Int) -> Range<Int> { index * keySize..<(index + 1) * keySize }

  /// Where in the sample a batch is. After the last one it begins again.
  func batch(_ index: Int) -> Range<Int> {
    let start = index * Self.batchSize % sample.count
    return start..<start + Self.batchSize
  }

  /// The number that a value starts with.
  static func number(in value: UnsafeRawBufferPointer) -> Int {
    value.count < MemoryLayout<Int>.size ? -1 : value.loadUnaligned(as: Int.self)
  }

  /// What a scan of everything must have seen.
  var total: ScanTotal {
    let numbers = (0..<count).reduce(0) { $0 + $1 % Self.valueCount }
    return ScanTotal(entries: count, bytes: count * (Self.keySize + Self.valueSize), numbers: numbers)
  }

  private func string(at position: Int) -> String {
    String(decoding: keys[Self.key(position)], as: UTF8.self)
  }

  private static func keyStart(ofGroup group: Int) -> [UInt8] {
    Array("group-".utf8) + digits(of: group, 6) + Array(":".utf8)
  }

  private static func append(_ position: Int, to keys: inout [UInt8]) {
    keys += keyStart(ofGroup: position / groupSize)
    keys += "user-".utf8
    keys += digits(of: position, 8)
  }

  private static func digits(of number: Int, _ width: Int) -> [UInt8] {
    let digits = Array(String(number).utf8)
    return [UInt8](repeating: UInt8(ascii: "0"), count: max(0, width - digits.count)) + digits
  }
}

/// What a scan saw: so many entries and bytes of keys and values, and the sum of the values' numbers.
struct ScanTotal: Equatable {
  var entries = 0
  var bytes = 0
  var numbers = 0

  mutating func add(keySize: Int, _ value: UnsafeRawBufferPointer) {
    entries += 1
    bytes += keySize + value.count
    numbers += EntrySet.number(in: value)
  }
}
