import Foundation
import LMKV
import Testing

/// Entries that `scan --json` prints and `mset` reads.
@Suite struct CopyingTests {
  @Test func `A copy keeps each expiry`() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "for ever", "1")
      try lmkv.output("set", "s", "day", "2", "--expires-at", "2100-01-01")
      try lmkv.output("set", "s", "night", "3", "--expires-at", "2100-01-01T22:15:00.125Z")
      let lines = try lmkv.output("scan", "s", "--json")
      for options in [[], ["--if-absent"], ["--if-absent", "--all-or-nothing"]] {
        try lmkv.output("scope", "create", "copy")
        let result = try run(
          Command.executable,
          ["mset", "copy", "--store", lmkv.store] + options,
          input: Data(lines.utf8)
        )
        #expect(result.status == 0 && result.output == "3\n", "\(result)")
        let copied = try lmkv.output("scan", "copy", "--json").split(separator: "\n").map {
          try Value(json: String($0))
        }
        let given = try lines.split(separator: "\n").map { try Value(json: String($0)) }
        #expect(copied.map { $0["expires"] } == given.map { $0["expires"] })
        #expect(copied.map { $0["value"] } == given.map { $0["value"] })
        try lmkv.output("scope", "drop", "copy")
      }
    }
  }

  @Test func `An option says more than a line, and a line without a time is for ever`() throws {
    try withCommand { lmkv throws in
      let line = #"{"key":"k","value":1,"expires":{"$date":4102444800000}}"#
      try lmkv.output("mset", "s", "--expires-at", "2200-01-01", input: line)
      #expect(try lmkv.output("ttl", "s", "k", "--json").contains("7258118400000"))
      try lmkv.output("mset", "s", "--keep-expiry", input: line)
      #expect(try lmkv.output("ttl", "s", "k", "--json").contains("7258118400000"))
      try lmkv.output("mset", "s", input: #"{"key":"k","value":1,"expires":null}"#)
      #expect(try lmkv.output("ttl", "s", "k") == "never\n")
      try lmkv.output("mset", "s", "--keep-expiry", input: line + "\n" + #"{"key":"new","value":1}"#)
      #expect(try lmkv.output("ttl", "s", "k") == "never\n")
      #expect(try lmkv.output("ttl", "s", "new") == "never\n")
    }
  }

  @Test func `An entry that has expired on the way is gone in the copy too`() throws {
    try withCommand { lmkv throws in
      let line = #"{"key":"k","value":1,"expires":{"$date":1000}}"#
      try lmkv.output("mset", "s", "k", "0", "other", "0")
      #expect(try lmkv.output("mset", "s", input: line + "\n" + #"{"key":"new","value":1}"#) == "1\n")
      #expect(try lmkv.output("keys", "s") == "new\nother\n")
    }
  }

  @Test(arguments: [
    #"{"key":"","value":1}"#, #"{"key":"\#(String(repeating: "k", count: 512))","value":1}"#, #"{"key":1,"value":1}"#,
    #"{"key":"k","value":1,"expires":"tomorrow"}"#, #"{"key":"k","value":1,"expires":4102444800000}"#,
    #"{"key":"k","value":1,"expires":{"$date":1e300}}"#, #"{"key":"k"}"#, "{", #"{"key":"k","value":\#(deep)}"#,
  ])
  func `A line that is wrong is told by its number, and nothing is written`(_ line: String) throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "before", "1")
      for options in [[], ["--if-absent"], ["--if-absent", "--all-or-nothing"]] {
        let result = try run(
          Command.executable,
          ["mset", "s", "--store", lmkv.store] + options,
          input: Data((#"{"key":"a","value":1}"# + "\n\n" + line + "\n").utf8)
        )
        #expect(result.status == 2, "\(result)")
        #expect(result.errors.contains("Line 3") && result.errors.contains("Nothing was written."), "\(result.errors)")
      }
      #expect(try lmkv.output("keys", "s") == "before\n")
    }
  }

  /// An array that nests deeper than a store takes.
  static let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)

  @Test func `A sum of doubles that is too large changes nothing`() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "1.7e308")
      let result = try lmkv("incr", "s", "k", "1.7e308")
      #expect(result.status == 1 && result.errors.contains("does not fit Double"), "\(result)")
      #expect(try lmkv.output("get", "s", "k") == "1.7e+308\n")
      #expect(try lmkv.output("incr", "s", "k", "-1.7e308") == "0.0\n")
      // What is infinite already stays so.
      try lmkv.output("set", "s", "k", #"{"$double":"Infinity"}"#)
      try lmkv.output("incr", "s", "k", "1.0")
      #expect(try lmkv.output("get", "s", "k") == #"{"$double":"Infinity"}"# + "\n")
    }
  }
}
