internal import Foundation

/// An ``Expiry`` on the clock of one transaction.
struct ResolvedExpiry {
  /// In milliseconds since 1970. Nil: never.
  let moment: Int64?
  let keepsFormer: Bool

  /// Whether the former entry has a say, or an index entry to be taken back.
  var needsFormer: Bool { moment != nil || keepsFormer }

  /// The expiry of an entry that is written over a living one, or in an empty place.
  func expiry(over former: EntryHeader?) -> Int64? {
    if keepsFormer, let former { former.expiry } else { moment }
  }
}

extension Snapshot {
  @inline(__always)
  final func resolve(_ expiry: Expiry) throws(LMKVError) -> ResolvedExpiry {
    if case .never = expiry.moment { return ResolvedExpiry(moment: nil, keepsFormer: expiry.keepsFormer) }
    return try expiry.resolved { now }
  }
}

extension Expiry {
  /// On a clock that says `now`. It is looked at if need be.
  func resolved(_ now: () -> Int64) throws(LMKVError) -> ResolvedExpiry {
    ResolvedExpiry(moment: try moment(now), keepsFormer: keepsFormer)
  }

  private func moment(_ now: () -> Int64) throws(LMKVError) -> Int64? {
    switch moment {
    case .never:
      return nil
    case .after(let duration):
      guard duration > .zero else {
        throw LMKVError(
          .invalidArgument,
          "An entry cannot expire after \(duration). Give a duration above zero, or remove the entry."
        )
      }
      let (seconds, attoseconds) = duration.components
      let wholes = seconds.multipliedReportingOverflow(by: 1_000)
      let length = wholes.partialValue.addingReportingOverflow(
        (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
      )
      let moment = now().addingReportingOverflow(length.partialValue)
      guard !wholes.overflow, !length.overflow, !moment.overflow else { throw Self.tooFar }
      return moment.partialValue
    case .at(let date):
      guard let moment = Int64(exactly: (date.timeIntervalSince1970 * 1_000).rounded()) else { throw Self.tooFar }
      guard moment > now() else {
        throw LMKVError(
          .invalidArgument,
          "An entry cannot expire at a time that is past. Give a date in the future, or remove the entry."
        )
      }
      return moment
    }
  }

  private static var tooFar: LMKVError {
    LMKVError(.invalidArgument, "The expiry is no time that the store can count to. Use .never for entries that stay.")
  }
}
