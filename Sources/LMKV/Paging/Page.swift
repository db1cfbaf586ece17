/// Some entries of a scope, in order, and where the rest begins.
///
/// ```swift
/// let page = try users.page(.prefix("user:"), limit: 20)
/// if let next = page.next { let second = try users.page(next, limit: 20) }
/// ```
public struct Page<Stored: Sendable>: Sendable {
  public let entries: [(key: String, value: Stored)]
  /// What chooses the rest, with the selection's direction and what is left of its limit. Nil after the last page.
  public let next: KeySelection?

  /// The last key here, to begin the next page after it: what an address can carry, `?after=KEY`. Nil after the last page.
  ///
  /// ```swift
  /// let second = try users.page(.prefix("user:").after(page.resumeKey), limit: 20)
  /// ```
  public var resumeKey: String? { next == nil ? nil : entries.last?.key }
}

extension KeySelection {
  /// Those that come after a key, or all of them when there is none: how a page begins whose address may carry a key.
  public func after(_ key: String?) -> KeySelection {
    key.map { after($0) } ?? self
  }
}

/// What was read of a selection in one snapshot, and what is left of it.
struct CollectedEntries<Element> {
  var elements: [Element] = []
  var rest: KeySelection?
}

extension CollectedEntries: Sendable where Element: Sendable {}
