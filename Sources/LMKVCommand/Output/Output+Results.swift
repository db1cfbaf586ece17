internal import LMKV

extension Output {
  /// The value of an entry, for people and pipes: JSON, or with `raw` what it holds.
  func value(_ value: Value, raw: Bool) throws {
    if raw, let bytes = value.bytes {
      try write(bytes)
    } else if raw, let string = value.string {
      try line(string)
    } else {
      try line(value.json(pretty: isTerminal))
    }
  }

  /// An entry with all that it has.
  func object(_ entry: Entry<Value>, in scope: String) throws {
    try object([
      "scope": .string(scope), "key": .string(entry.key), "value": entry.value,
      "revision": entry.revisionValue, "expires": entry.expiresValue,
    ])
  }

  /// What is there instead of what a condition demanded.
  func refused(_ key: String, in scope: String, current: Entry<Value>?) throws {
    let entry: Value? = current.map {
      ["value": $0.value, "revision": $0.revisionValue, "expires": $0.expiresValue]
    }
    try object(["scope": .string(scope), "key": .string(key), "current": entry ?? .null])
  }

  /// How many keys a verb had to do with, under the name of what it did, and which others it had not.
  func count(_ count: Int, _ name: String, in scope: String, others: (name: String, keys: [String]), asJSON: Bool)
    throws
  {
    guard asJSON else { return try line("\(count)") }
    try object([
      "scope": .string(scope), name: .integer(Int128(count)), others.name: .array(others.keys.map(Value.string)),
    ])
  }
}

extension KeyArgument {
  /// Keys in a sentence, the first ones of many.
  static func listed(_ keys: [String]) -> String {
    let shown = keys.prefix(10).map(quoted).joined(separator: ", ")
    return keys.count > 10 ? "\(shown) and \(keys.count - 10) more" : shown
  }
}

extension CommandFailure {
  static func noEntry(_ key: String, in scope: String) -> CommandFailure {
    .notFound("There is no \(KeyArgument.quoted(key)) in the scope \(KeyArgument.quoted(scope)).")
  }

  /// Some of several keys are absent.
  static func noEntries(_ keys: [String], in scope: String, _ rest: String = "") -> CommandFailure {
    .notFound("Not in the scope \(KeyArgument.quoted(scope)): \(KeyArgument.listed(keys)).\(rest)")
  }
}
