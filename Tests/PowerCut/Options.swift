import PowerSimulation

/// `--name value` pairs.
struct Options {
  private static let names: Set = [
    "mode", "fs", "boot", "cuts", "seconds", "seed", "keep", "from", "ticket", "choice",
  ]

  private var values: [String: [String]] = [:]

  init(_ arguments: [String]) throws {
    for index in stride(from: 0, to: arguments.count, by: 2) {
      let name = String(arguments[index].dropFirst(2))
      guard arguments[index].hasPrefix("--"), Self.names.contains(name) else {
        throw CutError("\(arguments[index]) is not an option")
      }
      guard index + 1 < arguments.count else { throw CutError("\(arguments[index]) needs a value") }
      values[name, default: []].append(arguments[index + 1])
    }
  }

  func all(_ name: String) -> [String] { values[name] ?? [] }

  func numbers(_ name: String) throws -> [UInt64] {
    try all(name).map { text in
      guard let number = UInt64(text) else { throw CutError("--\(name) is not a whole number: \(text)") }
      return number
    }
  }

  func choices<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) throws -> [Choice]
  where Choice.RawValue == String {
    try all(name).map { text in
      guard let choice = Choice(rawValue: text) else {
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw CutError("--\(name) \(text): there are \(known)")
      }
      return choice
    }
  }
}
