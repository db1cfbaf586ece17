import LMKV
import Testing

@Suite struct ChangingTests {
  @Test("Integers and doubles stay what they are, and incr says what would fit")
  func increment() throws {
    try withCommand { lmkv throws in
      try lmkv.output("mset", "s", "integer", "1", "double", "1.0", "word", "x", "large", "9223372036854775808")
      for (key, amount, sentence) in [
        ("integer", "0.5", "Add an integer"), ("integer", "1.0", "Add an integer"),
        ("double", "1", "decimal point"), ("word", "1", "a string"), ("word", "1.5", "a string"),
        ("large", "1", "64 bits"),
      ] {
        let result = try lmkv("incr", "s", key, amount)
        #expect(result.status == 1 && result.stdout.isEmpty, "\(key) \(amount)")
        #expect(result.errors.contains(sentence) && result.errors.contains("\"\(key)\""), "\(key) \(amount)")
      }
      #expect(try lmkv.output("incr", "s", "integer", "-3") == "-2\n")
      #expect(try lmkv.output("incr", "s", "double", "-3.0") == "-2.0\n")
      #expect(try lmkv.output("incr", "s", "double", "1e0") == "-1.0\n")
      #expect(try lmkv.output("get", "s", "word") == "\"x\"\n")
    }
  }

  @Test("append makes an array grow, and changes nothing else")
  func append() throws {
    try withCommand { lmkv throws in
      #expect(try lmkv.output("append", "s", "k", "1", "two", "[3]") == "3\n")
      #expect(try lmkv.output("append", "s", "k", "-4", "-", input: "{\"five\": 5}\n") == "5\n")
      #expect(try lmkv.output("append", "s", "k", "6", "--string") == "6\n")
      #expect(try lmkv.output("get", "s", "k") == #"[1,"two",[3],-4,{"five":5},"6"]"# + "\n")
      try lmkv.output("set", "s", "word", "x")
      let refused = try lmkv("append", "s", "word", "1")
      #expect(refused.status == 1 && refused.errors.contains("a string"))
      #expect(try lmkv("append", "s", "k").status == 2)
      #expect(try lmkv("append", "s", "k", "-", "-").status == 2)
      #expect(try lmkv("append", "s", "k", "7", "[8").status == 2)
      #expect(try lmkv.output("get", "s", "word") == "\"x\"\n")
    }
  }

  @Test("take gives a value to one of many")
  func take() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "two\nlines", "--string")
      #expect(try lmkv.output("take", "s", "k", "--raw") == "two\nlines\n")
      #expect(try lmkv("take", "s", "k").status == 1)
      #expect(try lmkv("take", "s", "k", "--raw", "--json").status == 2)
      try lmkv.output("set", "s", "k", "null")
      let script = "for i in 1 2 3 4 5 6; do lmkv take s k 2>/dev/null & done; wait"
      #expect(try lmkv.shell(script).output == "null\n")
    }
  }

  @Test("A selection that is removed in steps is removed as in one", arguments: [1, 7, 1_000])
  func steps(_ step: Int) throws {
    try withCommand { lmkv throws in
      let lines = (0..<500).map { #"{"key":"\#($0 % 2 == 0 ? "even" : "odd"):\#($0)","value":\#($0)}"# }
      try lmkv.output("mset", "s", input: lines.joined(separator: "\n"))
      let before = try Value(json: lmkv.output("info", "--json"))["revision"]?.int ?? 0
      #expect(try lmkv.output("delete", "s", "--pattern", "e*[02468]", "--step", "\(step)") == "250\n")
      #expect(try lmkv.output("count", "s", "--prefix", "odd:") == "250\n")
      #expect(try lmkv.output("count", "s") == "250\n")
      let after = try Value(json: lmkv.output("info", "--json"))["revision"]?.int ?? 0
      #expect(after - before >= 250 / step)
      #expect(try lmkv("delete", "s", "--prefix", "even", "--step", "\(step)").status == 1)
      #expect(try lmkv("delete", "s", "a", "--step", "1").status == 2)
      #expect(try lmkv("delete", "s", "--prefix", "a", "--step", "0").status == 2)
    }
  }

  @Test("Scopes are created, renamed, copied and dropped, and never replaced")
  func scopes() throws {
    try withCommand { lmkv throws in
      #expect(try lmkv.output("scope", "create", "users").isEmpty)
      #expect(try lmkv("scope", "create", "users").status == 1)
      try lmkv.output("set", "users", "ada", "1", "--expires-at", "2100-01-01")
      #expect(
        try lmkv.output("scope", "copy", "users", "people", "--json") == #"{"from":"users","to":"people","copied":1}"#
          + "\n"
      )
      #expect(try lmkv("scope", "copy", "users", "people").status == 1)
      #expect(try lmkv("scope", "rename", "users", "people").status == 1)
      #expect(try lmkv("scope", "rename", "absent", "new").status == 1)
      #expect(try lmkv("scope", "copy", "absent", "new").status == 1)
      #expect(try lmkv("scope", "drop", "absent").status == 1)
      #expect(try lmkv("scope", "create", "").status == 2)
      #expect(
        try lmkv.output("scope", "rename", "users", "authors", "--json") == #"{"from":"users","to":"authors"}"# + "\n"
      )
      #expect(try lmkv.output("scope", "list") == "authors\t1\t4096\npeople\t1\t4096\n")
      #expect(try lmkv.output("scope", "list", "--json") == lmkv.output("scopes", "--json"))
      #expect(
        try lmkv.output("get", "people", "ada", "--json")
          == #"{"scope":"people","key":"ada","value":1,"revision":3,"expires":{"$date":4102444800000}}"# + "\n"
      )
      #expect(try lmkv.output("--json", "scope", "drop", "people") == #"{"scope":"people","removed":1}"# + "\n")
      #expect(try lmkv.output("scope", "drop", "authors") == "1\n")
      #expect(try lmkv.output("scope", "create", "--json", "last") == #"{"scope":"last"}"# + "\n")
      #expect(try lmkv.output("scope", "list") == "last\t0\t0\n")
    }
  }
}
