internal import Foundation

/// An ``Expiry`` in whole milliseconds, before anybody has looked at a clock: what waits for its turn, and what one process
/// tells another. Who writes the entry adds a duration to its own time.
struct ExpiryTerm: Sendable {
  enum Moment: Equatable {
    case never
    case after(Int64)
    /// Since 1970.
    case at(Int64)
  }

  let moment: Moment
  let keepsFormer: Bool

  static let never = ExpiryTerm(moment: .never, keepsFormer: false)

  /// The moment on a clock that is looked at if need be. Nil: never.
  func moment(now: () -> Int64) throws(LMKVError) -> Int64? {
    switch moment {
    case .never:
      return nil
    case .after(let length):
      let (moment, isOverflow) = now().addingReportingOverflow(length)
      guard !isOverflow else { throw Self.tooFar }
      return moment
    case .at(let moment):
      guard moment > now() else {
        throw LMKVError(
          .invalidArgument,
          "An entry cannot expire at a time that is past. Give a date in the future, or remove the entry."
        )
      }
      return moment
    }
  }

  fileprivate static var tooFar: LMKVError {
    LMKVError(.invalidArgument, "The expiry is no time that the store can count to. Use .never for entries that stay.")
  }
}

extension ExpiryTerm {
  init(_ expiry: Expiry) throws(LMKVError) {
    moment =
      switch expiry.moment {
      case .never: .never
      case .after(let duration): .after(try Self.milliseconds(duration))
      case .at(let date): .at(try Self.milliseconds(date))
      }
    keepsFormer = expiry.keepsFormer
  }

  /// A part of a millisecond counts as a whole.
  private static func milliseconds(_ duration: Duration) throws(LMKVError) -> Int64 {
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
    guard !wholes.overflow, !length.overflow else { throw tooFar }
    return length.partialValue
  }

  private static func milliseconds(_ date: Date) throws(LMKVError) -> Int64 {
    guard let moment = Int64(exactly: (date.timeIntervalSince1970 * 1_000).rounded()) else { throw tooFar }
    return moment
  }
}
