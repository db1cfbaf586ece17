import Harness

/// The entries of a store: which keys, and in which order they are read.
///
/// The keys are read one after another from an array that is already in the random order, so that what is measured is
/// the store and not a cache miss on the way to the key.
struct EntrySet {
  static let valueSize = 100
  static let keySize = 12
  static let countRange = 1...100_000_000

  let count: Int
  /// The keys, ascending, `keySize` bytes each.
  let sortedKeys: [UInt8]
  /// The positions in `sortedKeys`, in the order of the reads.
  let order: [Int]
  /// The keys in the order of the reads.
  let shuffledKeys: [UInt8]

  init(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    self.count = count
    order = (0..<count).shuffled(using: &random)
    sortedKeys = (0..<count).flatMap(Self.key)
    shuffledKeys = order.flatMap(Self.key)
  }

  /// The keys as strings: short enough to need no memory of their own.
  var sortedStrings: [String] { (0..<count).map(Self.string) }
  var shuffledStrings: [String] { order.map(Self.string) }

  /// The value of the key at a position: it starts with the position, in the byte order of the machine.
  static func value(at position: Int) -> [UInt8] {
    withUnsafeBytes(of: position, Array.init) + [UInt8](repeating: 0, count: valueSize - MemoryLayout<Int>.size)
  }

  /// The position that a value starts with, nil when it is too short to be one.
  static func position(in value: UnsafeRawBufferPointer) -> Int? {
    value.count < MemoryLayout<Int>.size ? nil : value.loadUnaligned(as: Int.self)
  }

  /// The bytes of the key at an index of `sortedKeys` or `shuffledKeys`, given as `keys`.
  func key(_ index: Int, in keys: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: keys[index * Self.keySize..<(index + 1) * Self.keySize])
  }

  private static func string(_ position: Int) -> String {
    String(decoding: key(position), as: UTF8.self)
  }

  private static func key(_ position: Int) -> [UInt8] {
    let digits = Array(String(position).utf8)
    return [UInt8](repeating: UInt8(ascii: "0"), count: keySize - digits.count) + digits
  }
}
