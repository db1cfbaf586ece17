internal import LMDB

/// Two keys, and what lies between them in the order of their bytes: what ``KeySelection/range(_:)-(KeyBounds)`` takes.
///
/// ```swift
/// for key in users.keys(.range("a"..<"c")) { … }
/// ```
///
/// Where one is expected, `..<` and `...` make it of two strings. Unlike a `Range<String>`, whose order is that of Unicode
/// and which stops the program when its bounds come the other way round, it is then empty.
public struct KeyBounds: Hashable, Sendable {
  let range: KeyRange

  fileprivate init(_ lower: String, _ upper: KeyRange.Bound) {
    range = KeyRange(lower: .including(Array(lower.utf8)), upper: upper)
  }

  /// The same bounds, in the order of their bytes.
  public init(_ range: Range<String>) {
    self = range.lowerBound..<range.upperBound
  }

  /// The same bounds, in the order of their bytes.
  public init(_ range: ClosedRange<String>) {
    self = range.lowerBound...range.upperBound
  }
}

// Disfavoured, so that everywhere else the operators make what they have always made of two strings.

/// The keys from the lower bound up to, and without, the upper one.
@_disfavoredOverload
public func ..< (lower: String, upper: String) -> KeyBounds {
  KeyBounds(lower, .excluding(Array(upper.utf8)))
}

/// The keys from the lower bound to the upper one, both included.
@_disfavoredOverload
public func ... (lower: String, upper: String) -> KeyBounds {
  KeyBounds(lower, .including(Array(upper.utf8)))
}
