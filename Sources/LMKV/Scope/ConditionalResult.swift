/// What a conditional write did, and what is there now.
///
/// ```swift
/// switch try documents.set("d1", changed, ifRevision: entry.revision) {
/// case .applied(let revision): print("stored as revision \(revision)")
/// case .refused(let current): print("meanwhile: \(current?.value, default: "removed")")
/// }
/// ```
///
/// A condition that does not hold is no error. The answer and the entry in it belong together: both are of the same
/// transaction.
public enum ConditionalResult<Stored> {
  /// The condition held. What was written or removed has this revision.
  case applied(revision: UInt64)
  /// The condition did not hold, nothing was changed, and this is what is there. Nil: the key is absent.
  case refused(current: Entry<Stored>?)

  /// Whether the condition held.
  public var isApplied: Bool {
    if case .applied = self { true } else { false }
  }
}

extension ConditionalResult: Sendable where Stored: Sendable {}
extension ConditionalResult: Equatable where Stored: Equatable {}
