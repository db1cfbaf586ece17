internal import ArgumentParser
internal import Foundation
internal import LMKV

struct MSetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mset",
    abstract: "Write several values in one transaction.",
    discussion: """
      The keys and values are arguments, or, without any, lines of JSON on the standard input such as scan --json \
      prints; of those "key", "value" and "expires" are used. All are written in one transaction: when a line is wrong, nothing is. \
      A former expiry is gone, unless --keep-expiry is given; --expires and --expires-at are for all, whatever a line says. \
      A line whose time is past writes nothing, and removes the key, as if the entry had expired here.

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
    try options.withStore(.creating) { store, output in
      let (written, present) = try store.transaction { transaction in
        let view = transaction[scope.text]
        if let batch { return try writeAll(batch, view) }
        return try writeEach(next, view)
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

  private func writeEach(_ next: Entries, _ view: TransactionScope<Value>) throws -> Written {
    var written = Written(0, [])
    while let entry = try next() {
      let isLeft = try entry.telling { try ifAbsent && view.contains(entry.key) }
      if isLeft {
        written.present.append(entry.key)
      } else {
        written.count += try write(entry, view) ? 1 : 0
      }
    }
    return written
  }

  private func writeAll(_ batch: [InputEntry], _ view: TransactionScope<Value>) throws -> Written {
    let present = try batch.filter { entry in try entry.telling { try view.contains(entry.key) } }
    guard present.isEmpty else { return (0, present.map(\.key)) }
    return try (batch.count { try write($0, view) }, [])
  }

  /// Writes an entry with the expiry of the options or else its own. What has expired since it was read is not there
  /// any more, and false.
  private func write(_ entry: InputEntry, _ view: TransactionScope<Value>) throws -> Bool {
    try entry.telling {
      if expiry.expiry == nil, let expires = entry.expires, expires <= Date() {
        if !kept.keepExpiry { try view.remove(entry.key) }
        return false
      }
      let expires = expiry.expiry ?? entry.expires.map(Expiry.at) ?? .never
      try view.set(entry.key, entry.value, expires: kept.keepExpiry ? .kept(or: expires) : expires)
      return true
    }
  }

  private func all(_ next: Entries) throws -> [InputEntry] {
    var all: [InputEntry] = []
    while let entry = try next() { all.append(entry) }
    return all
  }

  private typealias Entries = () throws -> InputEntry?

  private func arguments() throws -> Entries {
    let entries = try stride(from: 0, to: pairs.count, by: 2).map { index in
      let text = DashedNumbers.restored(pairs[index + 1])
      return InputEntry(
        key: KeyArgument(argument: pairs[index]).text,
        value: string ? .string(text) : try ValueText.parse(text)
      )
    }
    var iterator = entries.makeIterator()
    return { iterator.next() }
  }

  private func lines() throws -> Entries {
    let input = StandardInput()
    try input.readAhead(Self.readAhead)
    var number = 0
    return {
      while let line = try input.readLine() {
        number += 1
        if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
        return try InputEntry(json: line, line: number)
      }
      return nil
    }
  }
}
