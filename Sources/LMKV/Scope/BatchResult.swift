/// What a batch that is written as a whole or not at all did.
public enum BatchResult: Hashable, Sendable {
  /// Everything was written, with this revision.
  case applied(revision: UInt64)
  /// Nothing was written, because these keys are there, in the batch's order.
  case refused(present: [String])

  /// Whether everything was written.
  public var isApplied: Bool {
    if case .applied = self { true } else { false }
  }
}
