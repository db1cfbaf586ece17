import Foundation
import Testing

@Suite struct DocumentationTests {
  @Test("The examples in docs/lmkv.md print what stands there")
  func examples() throws {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "docs/lmkv.md"
      )
    let examples = Self.examples(in: try String(contentsOf: file, encoding: .utf8))
    #expect(examples.count > 40)
    try withCommand { lmkv in
      for example in examples {
        let result = try lmkv.shell("cd '\(lmkv.directory.path)' && \(example.command) 2>&1")
        let status = result.status == 0 ? "" : "[\(result.status)]\n"
        let output = result.output.replacing(lmkv.directory.path + "/", with: "/var/lib/app/")
        #expect(output + status == example.output, "\(example.command)")
      }
    }
  }

  @Test("Every verb of the command is in docs/lmkv.md, and has a help text with examples")
  func verbs() throws {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "docs/lmkv.md"
      )
    let documentation = try String(contentsOf: file, encoding: .utf8)
    let help = try run(Command.executable, ["help"]).output
    let verbs = try Self.verbs(in: help, after: "READING SUBCOMMANDS:")
    #expect(verbs.count >= 20)
    for verb in verbs {
      #expect(documentation.contains("\n### \(verb)\n"), "\(verb)")
      let help = try expectHelp([verb])
      guard help.contains("\nSUBCOMMANDS:") else { continue }
      for part in try Self.verbs(in: help, after: "\nSUBCOMMANDS:") {
        #expect(documentation.contains("\n#### \(verb) \(part)\n"), "\(verb) \(part)")
        try expectHelp([verb, part])
      }
    }
  }

  @discardableResult
  private func expectHelp(_ verb: [String]) throws -> String {
    let result = try run(Command.executable, verb + ["--help"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(verb)")
    #expect(result.output.contains("EXAMPLES:") && result.output.contains("JSON"), "\(verb)")
    return result.output
  }

  /// The names in the lists of a help text.
  private static func verbs(in help: String, after heading: String) throws -> [String] {
    help[try #require(help.firstRange(of: heading)).upperBound...].split(separator: "\n")
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .map { String($0.split(separator: " ")[0]) }.filter { $0 != "See" }
  }

  private struct Example {
    let command: String
    var output = ""
  }

  /// The commands in the `console` blocks, each after `$ `, with the lines that follow it.
  private static func examples(in text: String) -> [Example] {
    var examples: [Example] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        examples.append(Example(command: String(line.dropFirst(2))))
      } else if isInside {
        examples[examples.count - 1].output += "\(line)\n"
      }
    }
    return examples
  }
}
