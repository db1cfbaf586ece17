internal import LMDB

/// Which keys of a scope, in which order, and how many: what reading, counting and removing of many entries takes.
///
/// ```swift
/// for (key, user) in users.entries(.prefix("user:").after("user:041").limited(to: 20)) { … }
/// ```
///
/// Keys are in the order of the bytes of their UTF-8. A selection says nothing about values and opens nothing.
public struct KeySelection: Hashable, Sendable {
  private var lower = KeyRange.Bound.unbounded
  private var upper = KeyRange.Bound.unbounded
  private(set) var pattern: Pattern?
  private(set) var isReversed = false
  private(set) var limit: Int?

  /// Every key.
  public static let all = KeySelection()

  /// The keys that begin with these characters.
  public static func prefix(_ prefix: String) -> KeySelection {
    var selection = KeySelection()
    selection.narrow(to: .prefix(prefix))
    return selection
  }

  /// The keys between two bounds: `.range("a"..<"c")` without the upper one, `.range("a"..."c")` with it.
  ///
  /// The order is that of the bytes, as everywhere. Where the lower bound comes behind the upper one there are no keys.
  public static func range(_ bounds: KeyBounds) -> KeySelection {
    KeySelection(lower: bounds.range.lower, upper: bounds.range.upper)
  }

  /// The same for a range that was made elsewhere. Its bounds are taken in the order of their bytes.
  @_disfavoredOverload
  public static func range(_ range: Range<String>) -> KeySelection {
    .range(KeyBounds(range))
  }

  /// The same for a range that was made elsewhere. Its bounds are taken in the order of their bytes.
  @_disfavoredOverload
  public static func range(_ range: ClosedRange<String>) -> KeySelection {
    .range(KeyBounds(range))
  }

  /// The keys from this one on.
  public static func from(_ key: String) -> KeySelection {
    KeySelection(lower: .including(Array(key.utf8)))
  }

  /// The keys before this one.
  public static func before(_ key: String) -> KeySelection {
    KeySelection(upper: .excluding(Array(key.utf8)))
  }

  /// The keys that a glob matches. A fixed beginning of the glob makes the search short.
  public static func matching(_ pattern: Pattern) -> KeySelection {
    var selection = KeySelection()
    selection.narrow(to: .prefix(pattern.literalPrefix))
    selection.pattern = pattern.matchesEverything ? nil : pattern
    return selection
  }

  /// The same keys from the last to the first.
  public func reversed() -> KeySelection {
    var selection = self
    selection.isReversed.toggle()
    return selection
  }

  /// At most so many of them.
  public func limited(to count: Int) -> KeySelection {
    var selection = self
    selection.limit = max(0, min(count, limit ?? count))
    return selection
  }

  /// Those that come after `key` in the selection's direction: how the next page begins where the last one ended.
  public func after(_ key: String) -> KeySelection {
    after(Array(key.utf8))
  }

  /// As ``after(_:)``, for keys that may be no UTF-8, because another program wrote them.
  func after(_ key: [UInt8]) -> KeySelection {
    var selection = self
    let bound = KeyRange.Bound.excluding(key)
    selection.narrow(to: isReversed ? KeyRange(upper: bound) : KeyRange(lower: bound))
    return selection
  }

  /// Whether it is every key.
  var isAll: Bool {
    lower == .unbounded && upper == .unbounded && pattern == nil && limit == nil
  }

  var keyRange: KeyRange { KeyRange(lower: lower, upper: upper) }

  private init(lower: KeyRange.Bound = .unbounded, upper: KeyRange.Bound = .unbounded) {
    self.lower = lower
    self.upper = upper
  }

  /// Keeps what is also in another range.
  private mutating func narrow(to other: KeyRange) {
    lower = Self.tighter(lower, other.lower) { $1.lexicographicallyPrecedes($0) }
    upper = Self.tighter(upper, other.upper) { $0.lexicographicallyPrecedes($1) }
  }

  /// Of two bounds on one side the one that leaves less.
  private static func tighter(
    _ first: KeyRange.Bound,
    _ second: KeyRange.Bound,
    isInside: ([UInt8], [UInt8]) -> Bool
  ) -> KeyRange.Bound {
    switch (first, second) {
    case (.unbounded, let other), (let other, .unbounded):
      other
    case (.including(let a), .including(let b)), (.excluding(let a), .excluding(let b)):
      isInside(a, b) ? first : second
    case (.including(let a), .excluding(let b)):
      isInside(a, b) ? first : second
    case (.excluding(let a), .including(let b)):
      isInside(b, a) ? second : first
    }
  }
}
