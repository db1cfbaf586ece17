import Foundation
import LMKV
import Testing

/// Arguments that come from somewhere else than the user's own keyboard.
@Suite struct HostileArgumentTests {
  /// Each with data before the placeholder, so that no help can be wanted there.
  private static let verbs: [[String]] = [
    ["get", "s", "@"], ["mget", "s", "k", "@"], ["ttl", "s", "@"], ["set", "s", "@", "1"], ["set", "s", "k", "@"],
    ["set", "s", "k", "2", "@"], ["mset", "s", "@", "1"], ["mset", "s", "k", "@"], ["incr", "s", "@"],
    ["incr", "s", "n", "@"], ["append", "s", "@", "1"], ["append", "s", "list", "@"], ["take", "s", "@"],
    ["delete", "s", "@"], ["touch", "s", "@", "--expires", "1h"], ["persist", "s", "@"], ["keys", "s", "@"],
    ["scope", "rename", "s", "@"], ["scope", "copy", "s", "@"], ["store", "rename", "@store", "@"],
    ["lock", "l", "@", "--", "true"],
  ]

  @Test("An argument with a dash among data is refused, and never taken for a request for help", arguments: verbs)
  func dashes(_ verb: [String]) throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "k", "1", "n", "1", "list", "[]")
      let before = try lmkv.output("scan", "s", "--json")
      for hostile in ["-oh-no", "-h", "--help", "--version", "--help-hidden", "--generate-completion-script"] {
        let arguments = verb.map { $0 == "@" ? hostile : $0 == "@store" ? lmkv.store : $0 }
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 2, "\(arguments)")
        #expect(result.output.isEmpty && !result.errors.isEmpty, "\(arguments)")
      }
      #expect(try lmkv.output("scan", "s", "--json") == before)
      #expect(try lmkv.output("scopes") == "s\t3\t4096\n")
    }
  }

  @Test("Help and version are there when they are asked for before any data")
  func help() throws {
    for arguments in [
      ["--help"], ["-h"], ["get", "--help"], ["set", "-h"], ["scope", "copy", "--help"], ["help", "set"],
      ["--store", "/nowhere", "get", "--help"], ["get", "--json", "--help"], ["--version"], ["set", "--version"],
    ] {
      let result = try run(Command.executable, arguments)
      #expect(result.status == 0 && result.errors.isEmpty && !result.output.isEmpty, "\(arguments)")
    }
  }

  @Test("Behind -- every argument is data")
  func terminator() throws {
    try withCommand { lmkv in
      for hostile in [
        "-oh-no", "-h", "--help", "--version", "--", "-1", "--json", "--store", "---", "-=", "\u{10FFFD}-5",
      ] {
        try lmkv.output("set", "--string", "--", "s", hostile, hostile)
        #expect(try lmkv.output("get", "--raw", "--", "s", hostile) == "\(hostile)\n")
        try lmkv.output("scope", "create", "--", hostile)
        #expect(try lmkv.output("scope", "drop", "--", hostile) == "0\n")
        #expect(try lmkv.output("delete", "--", "s", hostile) == "1\n")
      }
      // As a value behind an option that takes any.
      #expect(try lmkv("set", "s", "k", "1", "--if-value", "--help").status == 1)
      #expect(try lmkv.output("keys", "s", "--prefix", "-h") == "")
      #expect(try lmkv.output("keys", "s", "--prefix", "--help") == "")
      // A number needs no --, and - is the standard input also behind it.
      try lmkv.output("set", "s", "-1", "-2")
      #expect(try lmkv.output("get", "s", "-1") == "-2\n")
      try lmkv.output("set", "--", "s", "-", "-", input: "7")
      #expect(try lmkv.output("get", "s", "-") == "7\n")
    }
  }

  @Test("What is not UTF-8 is refused with the number of the argument, and nothing is changed")
  func notUTF8() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "caf\u{FFFD}", "1")
      for verb in [
        #"set s "$X" 2"#, #"set s k "$X""#, #"set s k "\"$X\"" --string"#, #"set "$X" k 1"#, #"set -- s "$X" 2"#,
        #"mset s "$X" 2"#, #"delete s "$X""#, #"delete s --prefix "$X""#, #"get s "$X""#, #"take s "$X""#,
        #"scope drop "$X""#, #"scope create "$X""#, #"lock "$X" -- true"#, #"append s l "$X""#,
        #"set s k 1 --if-value "$X""#, #"store create "$X""#, #"keys s --store "$X""#,
      ] {
        let result = try lmkv.shell("X=$(printf 'caf\\351'); lmkv \(verb)")
        #expect(result.status == 2 && result.output.isEmpty, "\(verb): \(result.errors)")
        #expect(result.errors.contains("Argument ") && result.errors.contains("is not UTF-8"), "\(verb)")
      }
      #expect(try lmkv.output("scan", "s") == "caf\u{FFFD}\t1\n")
      #expect(try lmkv.output("scopes") == "s\t1\t4096\n")
      #expect(try lmkv.shell(#"LMKV_STORE=$(printf 'caf\351') lmkv set s k 1"#).status == 2)
      // What a command gets is its own business.
      let bytes = try lmkv.shell(#"lmkv lock l -- printf %s "$(printf 'caf\351')""#)
      #expect(bytes.stdout == Data([0x63, 0x61, 0x66, 0xE9]) && bytes.status == 0, "\(bytes.errors)")
    }
  }

  @Test("An empty path of a store stands for no other one")
  func emptyStore() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", "1")
      for arguments in [
        ["delete", "s", "--prefix", "", "--store", ""], ["clear", "s", "--store", ""], ["get", "s", "k", "--store="],
        ["--store", "", "get", "s", "k"], ["check", "--store", ""], ["store", "list", "--store", ""],
      ] {
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 2 && result.output.isEmpty && result.errors.contains("--store"), "\(arguments)")
      }
      #expect(try lmkv("clear", "s", environment: ["LMKV_STORE": ""]).status == 2)
      for arguments in [["store", "create", ""], ["store", "delete", ""], ["store", "rename", "", "x"]] {
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 2, "\(arguments)")
      }
      #expect(try lmkv.output("get", "s", "k") == "1\n")
    }
  }
}
