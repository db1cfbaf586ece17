/// The characters of one class, such as `[a-c_]` or `[^0-9]`.
struct ScalarSet: Sendable {
  /// Whether the class holds what is not listed.
  var isNegated = false

  /// One bit for each ASCII character that is listed.
  private var ascii: UInt128 = 0

  /// The listed ranges, as far as they go beyond ASCII.
  private var others: [ClosedRange<UInt32>] = []

  /// Lists all from one scalar to another, whichever of them comes first.
  mutating func insert(_ first: Unicode.Scalar, through last: Unicode.Scalar) {
    let low = min(first.value, last.value)
    let high = max(first.value, last.value)
    if low < 0x80 {
      for value in low...min(high, 0x7F) { ascii |= 1 << UInt128(value) }
    }
    if high >= 0x80 { others.append(max(low, 0x80)...high) }
  }

  /// Whether the class holds a scalar; nil stands for a byte that is none, and no class lists it.
  func contains(_ scalar: UInt32?) -> Bool {
    isListed(scalar) != isNegated
  }

  private func isListed(_ scalar: UInt32?) -> Bool {
    guard let scalar else { return false }
    if scalar < 0x80 { return ascii & (1 << UInt128(scalar)) != 0 }
    for range in others where range.contains(scalar) { return true }
    return false
  }
}
