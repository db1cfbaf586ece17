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
    let keys = keys.split(separator: " ").map(String.init)
    let backwards: [String] = keys.reversed()
    try withLetters { lmkv in
      let behind: [String] = keys.filter { $0 > "abc" }
      let before: [String] = backwards.filter { $0 < "abc" }
      let number = "\(keys.count)"
      #expect(try lmkv.lines(["keys", "s"] + options) == keys)
      #expect(try lmkv.lines(["keys", "--reverse", "s"] + options) == backwards)
      #expect(try lmkv.lines(["keys", "--limit", "2", "s"] + options) == Array(keys.prefix(2)))
      #expect(try lmkv.lines(["keys", "--limit", "2", "--reverse", "s"] + options) == Array(backwards.prefix(2)))
      #expect(try lmkv.lines(["keys", "--after", "abc", "s"] + options) == behind)
      #expect(try lmkv.lines(["keys", "--after", "abc", "--reverse", "s"] + options) == before)
      let scanned = try lmkv.lines(["scan", "s"] + options).map { String($0.prefix { $0 != "\t" }) }
      #expect(scanned == keys)
      #expect(try lmkv.lines(["count", "s"] + options) == [number])
      guard !options.isEmpty, !keys.isEmpty else { return }
      #expect(try lmkv.lines(["delete", "s"] + options) == [number])
      #expect(try lmkv.output("count", "s") == "\(7 - keys.count)\n")
    }
  }

  @Test("Pages that follow each other give every key once")
  func pages() throws {
    try withLetters { lmkv throws in
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
    try withCommand { lmkv throws in
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
    try withLetters { lmkv throws in
      #expect(try lmkv("keys", "s", "--prefix", "a", "--pattern", "b").status == 2)
      #expect(try lmkv("delete", "s").status == 2)
      #expect(try lmkv("delete", "s", "a", "--prefix", "b").status == 2)
      #expect(try lmkv("keys", "s", "--range", "a").status == 2)
      #expect(try lmkv.output("count", "s") == "7\n")
    }
  }
}

extension Command {
  /// The lines that a verb prints.
  fileprivate func lines(_ arguments: [String]) throws -> [String] {
    let result = try run(Self.executable, ["--store", store] + arguments)
    #expect(result.errors.isEmpty)
    return result.output.split(separator: "\n").map(String.init)
  }
}
