internal import ArgumentParser
internal import LMKV

struct MSetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mset",
    abstract: "Write several values in one transaction.",
    discussion: """
      The keys and values are arguments, or, without any, lines of JSON on the standard input such as scan --json \
      prints; of those "key" and "value" are used. All are written in one transaction: when a line is wrong, nothing is. A former \
      expiry is gone, unless --keep-expiry is given.

      With --if-absent keys that are there stay as they are; with --all-or-nothing too, nothing is written when there is \
      one, and the whole input is read before. Prints how many were written.

      EXAMPLES:
        lmkv mset colors sky blue grass green
        lmkv mset users < users.ndjson
        lmkv mset rates usd 1.0 eur 0.9 --expires 1h
        lmkv mset settings color blue size 10 --if-absent

      JSON: {"scope":"users","written":2}
      With --if-absent: {"scope":"settings","written":1,"present":["color"]}

      EXIT STATUS: 1 when --if-absent left a key as it was.
      """
  )

  /// What is read of the standard input before the transaction begins, which keeps other writers waiting.
  private static let readAhead = 64 << 20

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("Keys and values in turn.", valueName: "key value")) var pairs: [String] = []
  @Flag(help: "Take the values of the arguments literally, as strings.") var string = false
  @Flag(help: "Only keys that are absent.") var ifAbsent = false
  @Flag(help: "With --if-absent: only if all are.") var allOrNothing = false
  @OptionGroup(title: "Expiry") var expiry: ExpiryOptions
  @OptionGroup(title: "Expiry") var kept: KeptExpiryOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if pairs.count % 2 != 0 { throw ValidationError("The last key has no value.") }
    if string, pairs.isEmpty { throw ValidationError("--string is for values that are arguments.") }
    if allOrNothing, !ifAbsent { throw ValidationError("--all-or-nothing is for --if-absent.") }
    if pairs.isEmpty, StandardInput.isTerminal {
      throw ValidationError("Give keys and values, or lines of JSON on the standard input.")
    }
  }

  func run() throws {
    let next = pairs.isEmpty ? try lines() : try arguments()
    // Before the transaction begins, and only what must be known as a whole.
    let batch = allOrNothing ? try all(next) : nil
    let expires = kept.expiry(expiry, unless: .never)
    try options.withStore(.creating) { store, output in
      let (written, present) = try store.transaction { transaction in
        let view = transaction[scope.text]
        if let batch { return try writeAll(batch, expires, view) }
        return try writeEach(next, expires, view)
      }
      if ifAbsent {
        try output.count(written, "written", in: scope.text, others: ("present", present), asJSON: options.json)
      } else if options.json {
        try output.object(["scope": .string(scope.text), "written": .integer(Int128(written))])
      } else {
        try output.line("\(written)")
      }
      guard present.isEmpty else {
        throw CommandFailure(
          .notFound,
          code: "refused",
          "Already in the scope \(KeyArgument.quoted(scope.text)), and left as they are: "
            + "\(KeyArgument.listed(present)). Written: \(written)."
        )
      }
    }
  }

  private typealias Written = (count: Int, present: [String])

  private func writeEach(_ next: Pairs, _ expires: Expiry, _ view: TransactionScope<Value>) throws -> Written {
    var written = Written(0, [])
    while let (key, value) = try next() {
      if ifAbsent, try view.contains(key) {
        written.present.append(key)
      } else {
        try view.set(key, value, expires: expires)
        written.count += 1
      }
    }
    return written
  }

  private func writeAll(
    _ batch: [(String, Value)],
    _ expires: Expiry,
    _ view: TransactionScope<Value>
  ) throws -> Written {
    switch try view.setAllIfAbsent(batch, expires: expires) {
    case .applied: (batch.count, [])
    case .refused(let present): (0, present)
    }
  }

  private func all(_ next: Pairs) throws -> [(String, Value)] {
    var all: [(String, Value)] = []
    while let (key, value) = try next() { all.append((key, value)) }
    return all
  }

  private typealias Pairs = () throws -> (key: String, value: Value)?

  private func arguments() throws -> Pairs {
    let entries = try stride(from: 0, to: pairs.count, by: 2).map { index in
      let text = DashedNumbers.restored(pairs[index + 1])
      return (KeyArgument(argument: pairs[index]).text, string ? .string(text) : try ValueText.parse(text))
    }
    var iterator = entries.makeIterator()
    return { iterator.next() }
  }

  private func lines() throws -> Pairs {
    let input = StandardInput()
    try input.readAhead(Self.readAhead)
    var number = 0
    return {
      while let line = try input.readLine() {
        number += 1
        if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
        return try Self.entry(line, number)
      }
      return nil
    }
  }

  private static func entry(_ line: [UInt8], _ number: Int) throws -> (key: String, value: Value) {
    let object: Value
    do {
      object = try Value(json: line)
    } catch let error as DecodingError {
      throw CommandFailure(.usage, "Line \(number): \(ValueText.sentence(error)) Nothing was written.")
    }
    guard let key = object["key"]?.string, let value = object["value"] else {
      throw CommandFailure(
        .usage,
        "Line \(number) is no object with a \"key\" that is a string and a \"value\". Nothing was written."
      )
    }
    return (key, value)
  }
}
