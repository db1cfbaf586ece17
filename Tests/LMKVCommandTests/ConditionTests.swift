import LMKV
import Testing

@Suite struct ConditionTests {
  @Test(
    "A value is written only when its condition holds",
    arguments: [
      (["--if-absent"], false, true), (["--if-present"], true, false), (["--if-revision", "1"], true, false),
      (["--if-revision", "2"], false, false), (["--if-revision", "0"], false, false),
      (["--if-value", #"{"b":2,"a":-1}"#], true, false), (["--if-value", #"{"a":-1}"#], false, false),
      (["--if-value", "word"], false, false), (["--if-value", "-1"], false, false),
    ]
  )
  func set(_ condition: [String], _ appliesWhenPresent: Bool, _ appliesWhenAbsent: Bool) throws {
    try withCommand { lmkv throws in
      let former = #"{"a":-1,"b":2}"#
      try lmkv.output("set", "s", "there", former)
      for (key, applies) in [("there", appliesWhenPresent), ("absent", appliesWhenAbsent)] {
        let result = try run(Command.executable, ["set", "s", key, "new", "--store", lmkv.store] + condition)
        #expect(result.status == (applies ? 0 : 1), "\(key)")
        #expect(result.stdout.isEmpty && result.errors.isEmpty == applies)
        if !applies { #expect(result.errors.contains("\"\(key)\"") && result.errors.contains("Nothing was changed.")) }
        let now = try lmkv("get", "s", key)
        #expect(now.output == (applies ? "\"new\"\n" : key == "there" ? former + "\n" : ""))
      }
    }
  }

  @Test("A value in another spelling is another value, and an object has room for both")
  func spelling() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "cafe\u{301}")
      #expect(try lmkv("set", "s", "k", "new", "--if-value", "caf\u{E9}").status == 1)
      #expect(try lmkv("set", "s", "k", "new", "--if-value", "cafe\u{301}").status == 0)
      let both = "{\"\u{E9}\":1,\"e\u{301}\":2}"
      try lmkv.output("set", "s", "both", both)
      #expect(try Array(lmkv.output("get", "s", "both").utf8) == Array((both + "\n").utf8))
    }
  }

  @Test("A refusal in JSON has what is there now, and a second try with that succeeds")
  func refusal() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "[1]", "--expires-at", "4102444800123")
      let entry = #"{"value":[1],"revision":1,"expires":{"$date":4102444800123}}"#
      for arguments in [
        ["set", "s", "k", "2", "--if-absent"], ["set", "s", "k", "2", "--if-revision", "7"],
        ["set", "s", "k", "2", "--if-value", "1"], ["delete", "s", "k", "--if-revision", "7"],
        ["delete", "s", "k", "--if-value", "[1.0]"],
      ] {
        let result = try run(Command.executable, arguments + ["--json", "--store", lmkv.store])
        #expect(result.status == 1)
        #expect(result.output == #"{"scope":"s","key":"k","current":\#(entry)}"# + "\n")
        #expect(try Value(json: result.errors)["error"] == "refused")
      }
      let absent = try lmkv("set", "s", "absent", "2", "--if-present", "--json")
      #expect(absent.status == 1 && absent.output == #"{"scope":"s","key":"absent","current":null}"# + "\n")
      #expect(
        try lmkv.output("set", "s", "k", "2", "--if-revision", "1", "--json")
          == #"{"scope":"s","key":"k","revision":2,"expires":null}"# + "\n"
      )
    }
  }

  @Test("A key is removed only when its condition holds")
  func delete() throws {
    try withCommand { lmkv throws in
      try lmkv.output("mset", "s", "a", "me", "b", "me")
      #expect(try lmkv("delete", "s", "a", "--if-value", "you").status == 1)
      #expect(try lmkv("delete", "s", "absent", "--if-revision", "1").status == 1)
      #expect(try lmkv.output("count", "s") == "2\n")
      #expect(try lmkv.output("delete", "s", "a", "--if-value", "me") == "1\n")
      #expect(
        try lmkv.output("delete", "s", "b", "--if-revision", "1", "--json")
          == #"{"scope":"s","removed":1,"absent":[]}"# + "\n"
      )
      #expect(try lmkv.output("count", "s") == "0\n")
    }
  }

  @Test("Conditions that contradict each other, or are for one key, are refused")
  func contradictions() throws {
    try withCommand { lmkv throws in
      #expect(try lmkv("set", "s", "k", "1", "--if-absent", "--if-present").status == 2)
      #expect(try lmkv("set", "s", "k", "1", "--if-absent", "--if-value", "1").status == 2)
      #expect(try lmkv("set", "s", "k", "1", "--if-revision", "1", "--if-value", "1").status == 2)
      #expect(try lmkv("set", "s", "k", "1", "--if-value", "[1").status == 2)
      #expect(try lmkv("set", "s", "k", "1", "--if-revision", "-1").status == 2)
      #expect(try lmkv("delete", "s", "a", "b", "--if-revision", "1").status == 2)
      #expect(try lmkv("delete", "s", "--prefix", "a", "--if-revision", "1").status == 2)
      #expect(try lmkv("mset", "s", "a", "1", "--all-or-nothing").status == 2)
      // What can only hold in a store that exists creates none.
      #expect(try lmkv("set", "s", "k", "1", "--if-present").status == 5)
      #expect(try lmkv("info").status == 5)
    }
  }

  @Test("Of many processes that set an absent key, one does")
  func race() throws {
    try withCommand { lmkv throws in
      try lmkv.output("scope", "create", "s")
      let script = "for i in 1 2 3 4 5 6 7 8; do lmkv set s lock $i --if-absent 2>/dev/null && echo $i & done; wait"
      let winners = try lmkv.shell(script).output.split(separator: "\n")
      #expect(winners.count == 1)
      #expect(try lmkv.output("get", "s", "lock") == "\(winners.first ?? "")\n")
    }
  }

  @Test("mset --if-absent writes the absent ones, and with --all-or-nothing all or none")
  func batches() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "a", "1")
      let some = try lmkv("mset", "s", "a", "2", "b", "2", "b", "3", "--if-absent")
      #expect(some.status == 1 && some.output == "1\n" && some.errors.contains(#""a""#))
      #expect(try lmkv.output("scan", "s") == "a\t1\nb\t2\n")
      let none = try lmkv(
        "mset",
        "s",
        "--if-absent",
        "--all-or-nothing",
        "--json",
        input: #"{"key":"c","value":1}"# + "\n" + #"{"key":"b","value":1}"#
      )
      #expect(none.status == 1 && none.output == #"{"scope":"s","written":0,"present":["b"]}"# + "\n")
      #expect(try Value(json: none.errors)["error"] == "refused")
      #expect(try lmkv.output("count", "s") == "2\n")
      #expect(try lmkv.output("mset", "s", "c", "1", "d", "1", "--if-absent", "--all-or-nothing") == "2\n")
    }
  }
}
