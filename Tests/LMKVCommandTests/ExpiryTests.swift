import Foundation
import LMKV
import Testing

@Suite struct ExpiryTests {
  /// Whether an entry will be there for so many seconds, less what the test has taken.
  private func expectTTL(_ lmkv: Command, _ key: String, _ seconds: Double) throws {
    let ttl = try #require(Double(lmkv.output("ttl", "s", key).dropLast()))
    #expect(ttl <= seconds && ttl > seconds - 300, "\(key)")
  }

  @Test(
    "A duration is a number with a unit",
    arguments: [
      ("7200000ms", 7_200), ("7200s", 7_200), ("120m", 7_200), ("2h", 7_200), ("7d", 604_800), ("1.5h", 5_400),
      ("0.25d", 21_600), ("3600.0005s", 3_600.001),
    ]
  )
  func durations(_ text: String, _ seconds: Double) throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "1", "--expires", text)
      try expectTTL(lmkv, "k", seconds)
    }
  }

  @Test(
    "What is no duration, or none that can be counted, writes nothing",
    arguments: [
      "5", "s", "", "-5s", "1.s", "1w", "1h30m", "1 h", "0s", "0.0ms", "9999999999999999d", "1e3s", "never", "٣s",
    ]
  )
  func noDurations(_ text: String) throws {
    try withCommand { lmkv throws in
      try lmkv.output("scope", "create", "s")
      for verb in [["set", "s", "k", "1"], ["touch", "s", "k"], ["incr", "s", "k"], ["append", "s", "k", "1"]] {
        let result = try run(Command.executable, verb + ["--expires", text, "--store", lmkv.store])
        // A key that is absent is found out before a duration of zero is.
        #expect(result.status == 2, "\(verb)")
        #expect(!result.errors.isEmpty)
      }
      #expect(try lmkv.output("count", "s") == "0\n")
    }
  }

  @Test(
    "A time is a date of ISO 8601 or milliseconds",
    arguments: [
      ("4102444800123", 4_102_444_800_123), ("2100-01-01", 4_102_444_800_000),
      ("2100-01-01T00:00:00Z", 4_102_444_800_000), ("2100-01-01T00:00:00.250Z", 4_102_444_800_250),
      ("2100-01-01T02:00:00+02:00", 4_102_444_800_000), ("2100-01-01T02:30:00+0230", 4_102_444_800_000),
      ("2099-12-31T20:30:00.5-03:30", 4_102_444_800_500), ("2104-02-29", 4_233_686_400_000),
    ]
  )
  func times(_ text: String, _ milliseconds: Int) throws {
    try withCommand { lmkv throws in
      #expect(
        try lmkv.output("set", "s", "k", "1", "--expires-at", text, "--json")
          == #"{"scope":"s","key":"k","revision":1,"expires":{"$date":\#(milliseconds)}}"# + "\n"
      )
      let ttl = try Value(json: lmkv.output("ttl", "s", "k", "--json"))
      #expect(ttl["expires"] == .date(Date(timeIntervalSince1970: Double(milliseconds) / 1_000)))
      let end = try Double(#require(ttl["ttl"]?.int)) / 1_000 + Date().timeIntervalSince1970
      #expect(abs(end - Double(milliseconds) / 1_000) < 300)
      let wrong = [
        "tomorrow", "2100-13-01", "2100-01-01T00:00:00", "2001-01-01", "-1", "99999999999999999999", "2030-02-30",
        "2100-02-29", "2100-00-01", "2100-01-00", "2100-01-01T24:61:61Z", "2100-01-01T24:00:00Z",
        "2100-01-01T00:60:00Z",
        "2100-01-01T00:00:60Z", "2100-01-01T00:00:00+24:00", "2100-01-01T00:00:00+01:60", "2100-01-01T00:00:00.Z",
        "2100-01-01 00:00:00Z", "2100-01-01T",
      ]
      for wrong in wrong {
        #expect(try lmkv("touch", "s", "k", "--expires-at", wrong).status == 2, "\(wrong)")
      }
      #expect(try lmkv("touch", "s", "k", "--expires-at", text, "--expires", "1s").status == 2)
      #expect(try lmkv("touch", "s", "k").status == 2)
    }
  }

  @Test("A new value loses the expiry, keeps it when asked to, or gives one to a new entry only")
  func keeping() throws {
    try withCommand { lmkv throws in
      try lmkv.output("set", "s", "k", "1", "--expires", "1h")
      try lmkv.output("set", "s", "k", "2", "--keep-expiry")
      try expectTTL(lmkv, "k", 3_600)
      try lmkv.output("set", "s", "k", "2", "--keep-expiry", "--expires", "9h")
      try lmkv.output("set", "s", "new", "2", "--keep-expiry", "--expires", "9h")
      try expectTTL(lmkv, "k", 3_600)
      try expectTTL(lmkv, "new", 32_400)
      try lmkv.output("incr", "s", "k")
      try expectTTL(lmkv, "k", 3_600)
      try lmkv.output("incr", "s", "k", "--expires", "9h", "--keep-expiry")
      try expectTTL(lmkv, "k", 3_600)
      try lmkv.output("incr", "s", "k", "--expires", "9h")
      try expectTTL(lmkv, "k", 32_400)
      try lmkv.output("set", "s", "k", "2")
      #expect(try lmkv.output("ttl", "s", "k") == "never\n")
      try lmkv.output("append", "s", "list", "1", "--expires", "1h")
      try lmkv.output("append", "s", "list", "1")
      try expectTTL(lmkv, "list", 3_600)
      try lmkv.output("mset", "s", "a", "1", "list", "2", "--expires", "9h", "--keep-expiry")
      try expectTTL(lmkv, "a", 32_400)
      try expectTTL(lmkv, "list", 3_600)
    }
  }

  @Test("touch and persist change the expiry, and say which keys are absent")
  func touch() throws {
    try withCommand { lmkv throws in
      try lmkv.output("mset", "s", "a", "1", "b", "2")
      #expect(try lmkv.output("touch", "s", "a", "b", "--expires", "1h") == "2\n")
      try expectTTL(lmkv, "b", 3_600)
      let some = try lmkv("persist", "s", "absent", "a", "--json")
      #expect(some.status == 1 && some.output == #"{"scope":"s","persisted":1,"absent":["absent"]}"# + "\n")
      #expect(try Value(json: some.errors)["error"] == "keyNotFound")
      #expect(try lmkv.output("ttl", "s", "a") == "never\n")
      #expect(try lmkv("touch", "s", "absent", "--expires", "1h").status == 1)
      #expect(try lmkv("ttl", "s", "absent").status == 1)
      #expect(try lmkv.output("scan", "s") == "a\t1\nb\t2\n")
    }
  }

  @Test("What has expired is absent for every verb, and sweep removes it")
  func sweep() throws {
    try withCommand { lmkv throws in
      let past = Date().timeIntervalSince1970 * 1_000 - 60_000
      // Written by a process whose clock is behind.
      var configuration = Store.Configuration()
      configuration.clock = StoreClock { Int64(past) }
      let store = try Store(path: lmkv.store, configuration: configuration)
      let scope = store.scope("s")
      try scope.set((0..<50).map { ("\($0)", .integer(Int128($0))) }, expires: .milliseconds(1))
      try scope.set("stays", 1)
      try store.close()
      for verb in ["get", "ttl", "take"] { #expect(try lmkv(verb, "s", "7").status == 1, "\(verb)") }
      #expect(try lmkv("persist", "s", "7").status == 1)
      #expect(try lmkv("delete", "s", "7", "--if-value", "7").status == 1)
      #expect(try lmkv.output("count", "s") == "1\n")
      #expect(try lmkv("sweep", "--limit", "0").status == 2)
      #expect(try lmkv.output("scopes") == "s\t51\t4096\n")
      #expect(try lmkv.output("sweep", "--json") == #"{"removed":50,"more":false}"# + "\n")
      #expect(try lmkv.output("scopes") == "s\t1\t4096\n")
      #expect(try lmkv.output("sweep") == "0\n")
    }
  }
}
