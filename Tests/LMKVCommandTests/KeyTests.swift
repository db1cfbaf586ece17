import Testing

@Suite struct KeyTests {
  @Test(
    "A key is listed in a form that is accepted back",
    arguments: [
      ("plain", "plain"), ("two words", "two words"), ("grüße/👩‍👩‍👧", "grüße/👩‍👩‍👧"), (#"a"b"#, #"a"b"#), (#"a\b"#, #"a\b"#),
      (#""a\u0000b""#, #""a\u0000b""#), (#""\n""#, #""\n""#), (#""\u001b[31m""#, #""\u001b[31m""#),
      (#""\u009b""#, #""\u009b""#), (#""\u2028""#, #""\u2028""#), (#""\"quoted\"""#, #""\"quoted\"""#),
      (#""plain""#, "plain"), (#""open"#, #""\"open""#), (#""\u00fc""#, "ü"),
    ]
  )
  func printedForm(_ given: String, _ printed: String) throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", given, "1")
      #expect(try lmkv.output("keys", "s") == printed + "\n")
      #expect(try lmkv.output("scan", "s") == printed + "\t1\n")
      #expect(try lmkv.output("get", "s", printed) == "1\n")
      #expect(try lmkv.output("keys", "s", "--prefix", printed) == printed + "\n")
      #expect(try lmkv.output("delete", "s", printed) == "1\n")
      // So it is with scopes, whose names have no zero byte.
      if given.contains("u0000") {
        #expect(try lmkv("set", given, "k", "1").status == 2)
      } else {
        try lmkv.output("set", given, "k", "1")
        #expect(try lmkv.output("scopes").contains("\(printed)\t1\t4096\n"))
        #expect(try lmkv.output("get", printed, "k") == "1\n")
      }
    }
  }

  @Test("Keys are told apart by their bytes, and listed in the order of these")
  func order() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "e\u{301}", "1", "é", "2", "z", "3", "Z", "4", "\u{FFFF}", "5", "😀", "6", "a", "7")
      let keys = try lmkv.output("keys", "s")
      #expect(Array(keys.utf8) == Array("Z\na\ne\u{301}\nz\né\n\u{FFFF}\n😀\n".utf8))
      #expect(try lmkv.output("get", "s", "é") == "2\n")
    }
  }

  @Test("A scope is dropped in its own spelling only, and never shares what it has")
  func spelling() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "caf\u{E9}", "x", "1")
      let dropped = try lmkv("scope", "drop", "cafe\u{301}")
      #expect(dropped.status == 1 && dropped.errors.contains("There is no scope"))
      try lmkv.output("set", "other", "x", "2")
      #expect(try lmkv.output("get", "caf\u{E9}", "x") == "1\n")
    }
  }

  @Test("A range ends before a key that begins with a combining accent")
  func accentRange() throws {
    try withCommand { lmkv in
      try lmkv.output("mset", "s", "a", "1", "b", "2", "\u{301}", "3")
      #expect(try lmkv.output("keys", "s", "--range", "a..\u{301}") == "a\nb\n")
      #expect(try lmkv.output("keys", "s", "--range", "b..a") == "")
    }
  }

  @Test("Two dashes let a key look like an option")
  func dashes() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "--json", "--", "s", "--json", "--store")
      #expect(try lmkv.output("get", "s", "--", "--json") == "\"--store\"\n")
    }
  }

  @Test("A key of 511 bytes is the longest, and no key is empty")
  func limits() throws {
    try withCommand { lmkv in
      let longest = String(repeating: "ü", count: 255) + "x"
      try lmkv.output("set", "s", longest, "1")
      #expect(try lmkv.output("keys", "s") == longest + "\n")
      for verb in ["get", "delete", "incr"] {
        let tooLong = try lmkv(verb, "s", longest + "y")
        #expect(tooLong.status == 2)
        #expect(tooLong.errors.contains("512 bytes"))
        #expect(tooLong.errors.contains("511"))
        #expect(try lmkv(verb, "s", "").status == 2)
      }
    }
  }
}
