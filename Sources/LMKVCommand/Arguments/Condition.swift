internal import ArgumentParser
internal import LMKV

/// What must be so for a write to take place.
enum Condition {
  case none, absent, present
  case revision(UInt64)
  case value(Value)

  /// Whether there can be an entry for which it holds only in a store that exists.
  var needsEntry: Bool {
    switch self {
    case .none, .absent: false
    case .present, .revision, .value: true
    }
  }

  func set(
    _ key: String,
    _ value: Value,
    expires: Expiry,
    in view: TransactionScope<Value>
  ) throws -> ConditionalResult<Value>? {
    switch self {
    case .none:
      try view.set(key, value, expires: expires)
      return nil
    case .absent: return try view.setIfAbsent(key, value, expires: expires)
    case .present: return try view.setIfPresent(key, value, expires: expires)
    case .revision(let revision): return try view.set(key, value, ifRevision: revision, expires: expires)
    case .value(let former): return try view.set(key, value, ifValue: former, expires: expires)
    }
  }

  /// An absent key is refused, as there is nothing to remove.
  func remove(_ key: String, in view: TransactionScope<Value>) throws -> ConditionalResult<Value> {
    switch self {
    case .revision(let revision): return try view.remove(key, ifRevision: revision)
    case .value(let former): return try view.remove(key, ifValue: former)
    case .none, .present, .absent:
      guard let entry = try view.entry(key) else { return .refused(current: nil) }
      return try view.remove(key, ifRevision: entry.revision)
    }
  }

  /// Why it does not hold.
  func refusal(_ key: String, in scope: String, current: Entry<Value>?) -> CommandFailure {
    let place = "\(KeyArgument.quoted(key)) in the scope \(KeyArgument.quoted(scope))"
    let what =
      switch (self, current) {
      case (_, nil): "There is no \(place)."
      case (.revision(let revision), let current?):
        "\(place) has the revision \(current.revision), not \(revision): it was written again."
      case (.value, let current?): "\(place) has another value, of the revision \(current.revision)."
      case (_, let current?): "\(place) is there already, with the revision \(current.revision)."
      }
    return CommandFailure(.notFound, code: "refused", "\(what) Nothing was changed.")
  }
}

/// The conditions under which an entry is the one that was read before.
struct ComparisonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only if the entry has this revision still.", valueName: "revision"))
  var ifRevision: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only if the value equals this one: JSON, or a bare word.", valueName: "json")
  )
  var ifValue: String?

  func validate() throws {
    if ifRevision != nil, ifValue != nil { throw ValidationError("Give one condition.") }
  }

  var isGiven: Bool { ifRevision != nil || ifValue != nil }

  func condition() throws -> Condition {
    if let ifRevision { return .revision(ifRevision) }
    return try ifValue.map { .value(try ValueText.parse(DashedNumbers.restored($0))) } ?? .none
  }
}
