internal import ArgumentParser
internal import Foundation
internal import LMKV

/// When what a verb writes is to be gone.
struct ExpiryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Gone after so long: 500ms, 90s, 15m, 2h, 7d.", valueName: "duration"),
    transform: ExpiryText.duration
  )
  var expires: Duration?

  @Option(
    help: ArgumentHelp(
      "Gone at that time: 2030-01-31, 2030-01-31T12:00:00Z, or milliseconds since 1970.",
      valueName: "time"
    ),
    transform: ExpiryText.date
  )
  var expiresAt: Date?

  /// What was given. Nil: nothing.
  var expiry: Expiry? { expires.map(Expiry.after) ?? expiresAt.map(Expiry.at) }

  func validate() throws {
    if expires != nil, expiresAt != nil { throw ValidationError("Give one of --expires and --expires-at.") }
  }
}

/// What a verb does that writes over an entry with an expiry.
struct KeptExpiryOptions: ParsableArguments {
  @Flag(help: "An entry that is there keeps its expiry; --expires is for a new one.")
  var keepExpiry = false

  func expiry(_ options: ExpiryOptions, unless otherwise: Expiry) -> Expiry {
    if keepExpiry { return .kept(or: options.expiry ?? .never) }
    return options.expiry ?? otherwise
  }
}

/// Durations and points in time as people write them.
enum ExpiryText {
  private static let units: KeyValuePairs = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

  /// A number and a unit. A part of a millisecond counts as a whole.
  static func duration(_ argument: String) throws -> Duration {
    let text = DashedNumbers.restored(argument)
    guard let match = text.wholeMatch(of: /([0-9]+)(\.[0-9]{1,9})?(ms|s|m|h|d)/),
      let unit = units.first(where: { $0.key == match.3 })?.value
    else {
      throw ValidationError("Write a number with a unit: 500ms, 90s, 15m, 2h or 7d.")
    }
    let billionths = (match.2 ?? ".0").dropFirst().padded(to: 9)
    // At most nine figures, and as many as Int128 holds.
    guard let wholes = Int128(match.1), let part = Int128(billionths),
      case let (product, isTooLarge) = wholes.multipliedReportingOverflow(by: Int128(unit)), !isTooLarge,
      let milliseconds = Int64(exactly: product + (part * Int128(unit) + 999_999_999) / 1_000_000_000)
    else {
      throw ValidationError("That is longer than a store can count. Leave it out for entries that stay.")
    }
    return .milliseconds(milliseconds)
  }

  /// Milliseconds since 1970, or a date of ISO 8601; without a time its beginning in UTC.
  static func date(_ argument: String) throws -> Date {
    let text = DashedNumbers.restored(argument)
    if let milliseconds = Int(text) { return Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }
    guard let day = text.prefixMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/) else { throw noDate }
    let rest = text[day.range.upperBound...]
    let time = rest.wholeMatch(of: /T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?(Z|[-+][0-9]{2}:?[0-9]{2})/)
    guard rest.isEmpty || time != nil else { throw noDate }
    let parts = DateComponents(
      year: Int(day.1),
      month: Int(day.2),
      day: Int(day.3),
      hour: time.flatMap { Int($0.1) } ?? 0,
      minute: time.flatMap { Int($0.2) } ?? 0,
      second: time.flatMap { Int($0.3) } ?? 0
    )
    // Foundation alone would take the 30th of February for the 2nd of March.
    guard parts.isValidDate(in: calendar), let date = calendar.date(from: parts),
      let ahead = secondsAhead(time?.5 ?? "Z")
    else { throw ValidationError("There is no such time as \(text) in the calendar.") }
    return date + (Double(time?.4 ?? "") ?? 0) - ahead
  }

  private static var noDate: ValidationError {
    ValidationError("Write 2030-01-31, 2030-01-31T12:00:00Z, or milliseconds since 1970.")
  }

  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()

  /// How many seconds a time zone is ahead of UTC: "Z", "+02:00" or "-0330". Nil when there is none such.
  private static func secondsAhead(_ zone: Substring) -> Double? {
    let digits = zone.filter(\.isNumber)
    guard !digits.isEmpty else { return 0 }
    guard let hours = Double(digits.prefix(2)), let minutes = Double(digits.suffix(2)), hours < 24, minutes < 60 else {
      return nil
    }
    return (hours * 3_600 + minutes * 60) * (zone.hasPrefix("-") ? -1 : 1)
  }
}

/// How long to wait: a duration with a unit, or a number of seconds.
enum TimeoutText {
  static func duration(_ argument: String) throws -> Duration {
    let text = DashedNumbers.restored(argument)
    guard text.utf8.last.map({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) ?? false else {
      return try ExpiryText.duration(text)
    }
    guard let seconds = Double(text), (0...1e9).contains(seconds) else {
      throw ValidationError("Give a timeout of 0 to 1000000000 seconds.")
    }
    return .seconds(seconds)
  }
}

extension Substring {
  /// Filled up with zeros.
  fileprivate func padded(to count: Int) -> String {
    self + String(repeating: "0", count: Swift.max(0, count - self.count))
  }
}
