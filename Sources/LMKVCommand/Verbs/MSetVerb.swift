internal import ArgumentParser
internal import LMKV

struct MSetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mset",
    abstract: "Write several values, all or none.",
    discussion: """
      The keys and values are arguments, or, without any, lines of JSON on the standard input such as scan --json \
      prints; of those "key" and "value" are used. All are written in one transaction: when a line is wrong, nothing is.

      Prints how many were written.

      EXAMPLES:
        lmkv mset colors sky blue grass green
        lmkv mset users < users.ndjson

      JSON: {"scope":"users","written":2}
      """
  )

  /// What is read of the standard input before the transaction begins, which keeps other writers waiting.
  private static let readAhead = 64 << 20

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: ArgumentHelp("Keys and values in turn.", valueName: "key value")) var pairs: [String] = []
  @Flag(help: "Take the values of the arguments literally, as strings.") var string = false
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if pairs.count % 2 != 0 { throw ValidationError("The last key has no value.") }
    if string, pairs.isEmpty { throw ValidationError("--string is for values that are arguments.") }
    if pairs.isEmpty, StandardInput.isTerminal {
      throw ValidationError("Give keys and values, or lines of JSON on the standard input.")
    }
  }

  func run() throws {
    let next = pairs.isEmpty ? try lines() : try arguments()
    try options.withStore(.creating) { store, output in
      let count = try store.transaction { transaction in
        let view = transaction[scope.text]
        var count = 0
        while let (key, value) = try next() {
          try view.set(key, value)
          count += 1
        }
        return count
      }
      if options.json {
        try output.object(["scope": .string(scope.text), "written": .integer(Int128(count))])
      } else {
        try output.line("\(count)")
      }
    }
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
