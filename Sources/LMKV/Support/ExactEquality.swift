internal import LMDB

/// A type of the standard library in which strings can be equal although their bytes differ.
private protocol HoldingStrings {
  /// Whether the strings of two equal values have the same bytes.
  func hasSameStrings(as other: Self) -> Bool
}

/// Whether two values are equal, and the strings in them the same bytes: what "only if the value is" means.
///
/// `==` alone takes "é" in one scalar and in two for equal, so that a writer would replace what it has never seen. Strings
/// are looked at in optionals, arrays, sets and dictionaries too. What is equal of any other type, its `==` decides.
func areExactlyEqual<T: Equatable>(_ left: T, _ right: T) -> Bool {
  left == right && haveSameStrings(left, right)
}

private func haveSameStrings<T>(_ left: T, _ right: T) -> Bool {
  func compare<S: HoldingStrings>(_ left: S) -> Bool { (right as? S).map(left.hasSameStrings) ?? true }
  return (left as? any HoldingStrings).map { compare($0) } ?? true
}

extension String: HoldingStrings {
  fileprivate func hasSameStrings(as other: String) -> Bool { hasSameBytes(as: other) }
}

extension Optional: HoldingStrings where Wrapped: HoldingStrings {
  fileprivate func hasSameStrings(as other: Wrapped?) -> Bool {
    guard let left = self, let right = other else { return true }
    return left.hasSameStrings(as: right)
  }
}

// Elements of other types are not looked at one by one, since there may be millions of bytes.
extension Array: HoldingStrings where Element: HoldingStrings {
  fileprivate func hasSameStrings(as other: [Element]) -> Bool {
    zip(self, other).allSatisfy { $0.hasSameStrings(as: $1) }
  }
}

extension Set: HoldingStrings where Element: HoldingStrings {
  fileprivate func hasSameStrings(as other: Set<Element>) -> Bool {
    allSatisfy { element in other.firstIndex(of: element).map { element.hasSameStrings(as: other[$0]) } ?? false }
  }
}

extension Dictionary: HoldingStrings where Key: HoldingStrings {
  fileprivate func hasSameStrings(as other: [Key: Value]) -> Bool {
    allSatisfy { key, value in
      guard let index = other.index(forKey: key) else { return false }
      return key.hasSameStrings(as: other[index].key) && haveSameStrings(value, other[index].value)
    }
  }
}
