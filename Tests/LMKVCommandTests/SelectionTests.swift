import Testing

@Suite struct SelectionTests {
  private func withLetters(_ body: (Command) throws -> Void) throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "a", "1", "ab", "2", "abc", "3", "b", "4", "b..c", "5", "c", "6", "d*", "7")
      try body(lmkv)
    }
  }

  @Test(
    "A selection chooses keys, for every verb that takes one",
    arguments: [
      ([], "a ab abc b b..c c d*"), (["--prefix", "ab"], "ab abc"), (["--prefix", "x"], ""),
      (["--prefix", ""], "a ab abc b b..c c d*"), (["--pattern", "a*"], "a ab abc"), (["--pattern", "?"], "a b c"),
      (["--pattern", "[ac]"], "a c"), (["--pattern", #"d\*"#], "d*"), (["--range", "ab..b"], "ab abc"),
      (["--range", "b.."], "b b..c c d*"), (["--range", "..ab"], "a"), (["--range", ".."], "a ab abc b b..c c d*"),
      (["--range", "c..a"], ""), (["--range", #""b..c".."d""#], "b..c c"), (["--range", #"a.."b..c""#], "a ab abc b"),
      (["--range", "ab..ab"], ""),
    ]
  )
  func selections(_ options: [String], _ keys: String) throws {
    try withLetters { lmkv in
      let keys = keys.split(separator: " ").map(String.init)
      func lines(_ verb: String, _ more: [String] = []) throws -> [String] {
        let result = try run(Command.executable, ["--store", lmkv.store, verb] + options + ["s"] + more)
        #expect(result.errors.isEmpty)
        return result.output.split(separator: "\n").map(String.init)
      }
      #expect(try lines("keys") == keys)
      #expect(try lines("keys", ["--reverse"]) == keys.reversed())
      #expect(try lines("keys", ["--limit", "2"]) == Array(keys.prefix(2)))
      #expect(try lines("keys", ["--limit", "2", "--reverse"]) == Array(keys.reversed().prefix(2)))
      #expect(try lines("keys", ["--after", "abc"]) == keys.filter { $0 > "abc" })
      #expect(try lines("keys", ["--after", "abc", "--reverse"]) == keys.reversed().filter { $0 < "abc" })
      #expect(try lines("scan").map { $0.split(separator: "\t")[0] } == keys.map { $0[...] })
      #expect(try lines("count") == ["\(keys.count)"])
      guard !options.isEmpty, !keys.isEmpty else { return }
      #expect(try lines("delete") == ["\(keys.count)"])
      #expect(try lmkv.output("count", "s") == "\(7 - keys.count)\n")
    }
  }

  @Test("Pages that follow each other give every key once")
  func pages() throws {
    try withLetters { lmkv in
      var keys: [String] = []
      while true {
        let after = keys.last.map { ["--after", $0] } ?? []
        let page = try run(Command.executable, ["keys", "s", "--limit", "3", "--store", lmkv.store] + after).output
        if page.isEmpty { break }
        keys += page.split(separator: "\n").map(String.init)
      }
      #expect(keys == ["a", "ab", "abc", "b", "b..c", "c", "d*"])
      #expect(try lmkv.output("keys", "s", "--limit", "0").isEmpty)
    }
  }

  @Test("A large selection is removed in one transaction, and nothing else is")
  func largeRemoval() throws {
    try withCommand { lmkv in
      let lines = (0..<20_000).map { #"{"key":"\#($0 % 2 == 0 ? "even" : "odd"):\#($0)","value":\#($0)}"# }
      #expect(try lmkv.output("mset", "s", input: lines.joined(separator: "\n")) == "20000\n")
      #expect(try lmkv.output("delete", "s", "--pattern", "even:*[02468]") == "10000\n")
      #expect(try lmkv.output("count", "s") == "10000\n")
      #expect(try lmkv.output("count", "s", "--prefix", "odd:") == "10000\n")
      #expect(try lmkv.output("clear", "s") == "10000\n")
    }
  }

  @Test("Selections that contradict each other are refused")
  func contradictions() throws {
    try withLetters { lmkv in
      #expect(try lmkv("keys", "s", "--prefix", "a", "--pattern", "b").status == 2)
      #expect(try lmkv("delete", "s").status == 2)
      #expect(try lmkv("delete", "s", "a", "--prefix", "b").status == 2)
      #expect(try lmkv("keys", "s", "--range", "a").status == 2)
      #expect(try lmkv.output("count", "s") == "7\n")
    }
  }
}
