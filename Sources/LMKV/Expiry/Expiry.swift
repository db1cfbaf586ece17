public import Foundation

/// When an entry is to be gone: what every writing method takes as `expires:`.
///
/// ```swift
/// try sessions.set("s1", session, expires: .minutes(30))
/// try sessions.set("s1", changed, expires: .kept)
/// try hits.increment(address, expires: .kept(or: .seconds(60)))
/// ```
///
/// Time is counted in milliseconds, a part of one counts as a whole. An entry is gone for every reader at once, in all
/// processes, from the first millisecond on that is not before its expiry: one that is written at 1,000 ms and expires
/// after 5 ms can be read at 1,004 ms and not at 1,005 ms.
///
/// Wherever it is used, `invalidArgument` is thrown for a duration of zero or less, for a date that is not in the
/// future, and for one further away than 292 million years; nothing is written then.
public struct Expiry: Hashable, Sendable {
  enum Moment: Hashable {
    case never
    case after(Duration)
    case at(Date)
  }

  let moment: Moment
  /// Whether an entry that is there keeps the expiry that it has.
  let keepsFormer: Bool

  /// The entry stays until it is removed.
  public static let never = Expiry(moment: .never, keepsFormer: false)

  /// As it is: an entry that is there keeps the expiry that it has, a new one never expires.
  public static let kept = Expiry.kept(or: .never)

  /// As it is for an entry that is there; as given for a new one. What a counter for a window of time takes.
  public static func kept(or expiryOfNew: Expiry) -> Expiry {
    Expiry(moment: expiryOfNew.moment, keepsFormer: true)
  }

  /// So long after the transaction that writes the entry looked at the clock for the first time: in its body, not at the call.
  ///
  /// What a verb waits for its turn does not count, also where another process does it. What a body takes after that look
  /// counts, and what the way to the disk takes.
  public static func after(_ duration: Duration) -> Expiry {
    Expiry(moment: .after(duration), keepsFormer: false)
  }

  /// At a point in time, to the nearest millisecond.
  public static func at(_ date: Date) -> Expiry {
    Expiry(moment: .at(date), keepsFormer: false)
  }

  public static func milliseconds(_ count: Int) -> Expiry { .after(.milliseconds(count)) }

  public static func seconds(_ count: Int) -> Expiry { .after(.seconds(count)) }

  public static func minutes(_ count: Int) -> Expiry { after(count, of: 60) }

  public static func hours(_ count: Int) -> Expiry { after(count, of: 3_600) }

  /// Days of 24 hours.
  public static func days(_ count: Int) -> Expiry { after(count, of: 86_400) }

  /// What does not fit becomes too long for any store, and is refused there: an argument must not stop the program.
  private static func after(_ count: Int, of seconds: Int) -> Expiry {
    let (total, isOverflow) = count.multipliedReportingOverflow(by: seconds)
    return .seconds(isOverflow ? (count < 0 ? .min : .max) : total)
  }
}

/// How much longer an entry will be there.
///
/// ```swift
/// switch try sessions.timeToLive("s1") {
/// case .remaining(let duration): print("for another \(duration)")
/// case .forever: print("until it is removed")
/// case nil: print("not there")
/// }
/// ```
public enum TimeToLive: Hashable, Sendable {
  /// It has no expiry.
  case forever
  /// It expires after so long: one millisecond at least.
  case remaining(Duration)

  /// How long, or nil for ever.
  public var duration: Duration? {
    if case .remaining(let duration) = self { duration } else { nil }
  }
}
