import Foundation
import Testing

@Suite struct RoundTripTests {
  @Test(
    "Every kind of value comes back as it was given",
    arguments: [
      "null", "true", "false", "0", "1", "1.0", "-1", "-1.5", "9223372036854775807", "-9223372036854775808",
      "18446744073709551616", "5e-324", "1.7976931348623157e+308", "0.1", "-0.0", #""""#, #""word""#, #""42""#,
      #""\u0000\n\"\\""#, #""grüße 👩‍👩‍👧 \u2028""#, "[]", "{}", #"[1,1.0,true,null,"1"]"#,
      #"{"z":1,"a":{"y":[{"x":null}],"b":2}}"#, #"{"$double":"NaN"}"#, #"{"$double":"-Infinity"}"#,
      #"{"$date":1700000000123}"#, #"{"$date":5}"#, #"{"$date":-1}"#, #"{"$bytes":"AAH/"}"#, #"{"$undefined":true}"#,
      #"{"$tag":[32,"https://swift.org"]}"#, #"{"$map":[[1,"one"],[true,"yes"]]}"#,
    ]
  )
  func everyKind(_ json: String) throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", json)
      #expect(try lmkv.output("get", "s", "k") == json + "\n")
      let whole = try lmkv.output("get", "s", "k", "--json")
      #expect(whole == #"{"scope":"s","key":"k","value":\#(json),"revision":1,"expires":null}"# + "\n")
      #expect(try lmkv.output("scan", "s") == "k\t\(json)\n")
      try lmkv.output("mset", "copy", input: lmkv.output("scan", "s", "--json"))
      #expect(try lmkv.output("get", "copy", "k") == json + "\n")
    }
  }

  @Test(
    "What is not JSON is a string",
    arguments: [
      "word", "two words", "007", "2024-01-01", "10.0.0.1", "+5", "0x10", "nan", "tru", "", " ", "'a'", "grüße",
    ]
  )
  func bareWords(_ word: String) throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "k", word)
      #expect(try lmkv.output("get", "s", "k") == "\"\(word)\"\n")
      #expect(try lmkv.output("get", "s", "k", "--raw") == "\(word)\n")
    }
  }

  @Test(
    "What begins like JSON and is none is a mistake",
    arguments: [#"{"a""#, "[1,", #""a"#, "1e999", "1\(String(repeating: "0", count: 40))"]
  )
  func brokenJSON(_ text: String) throws {
    try withCommand { lmkv in
      let result = try lmkv("set", "s", "k", text)
      #expect(result.status == 2)
      #expect(result.errors.contains("--string"))
      #expect(!FileManager.default.fileExists(atPath: lmkv.store))
      try lmkv.output("set", "s", "k", text, "--string")
      #expect(try lmkv.output("get", "s", "k", "--raw") == text + "\n")
    }
  }

  @Test("A negative value needs no dashes before it, wherever the options are")
  func negativeNumbers() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "--json", "s", "-5", "-7")
      #expect(try lmkv.output("get", "s", "-5") == "-7\n")
      #expect(try lmkv.output("incr", "s", "-5", "-3", "--json").hasPrefix(#"{"scope":"s","key":"-5","value":-10"#))
      #expect(try lmkv.output("mset", "s", "a", "-1.5", "-6", "-0") == "2\n")
      #expect(try lmkv.output("scan", "s", "--range", "-5..b") == "-5\t-10\n-6\t0\na\t-1.5\n")
      #expect(try lmkv.output("keys", "s", "--prefix", "-6") == "-6\n")
      #expect(try lmkv("keys", "s", "--limit", "-5").errors.contains("'-5'"))
    }
  }

  @Test("The standard input is a value as it is: JSON, a string, or bytes")
  func standardInput() throws {
    try withCommand { lmkv in
      try lmkv.output("set", "s", "json", "-", input: "{\"a\":\n 1}\n")
      #expect(try lmkv.output("get", "s", "json") == "{\"a\":1}\n")
      try lmkv.output("set", "s", "word", "-", input: "word\n")
      #expect(try lmkv.output("get", "s", "word") == "\"word\"\n")
      try lmkv.output("set", "s", "text", "-", "--string", input: "[1]\n\n")
      #expect(try lmkv.output("get", "s", "text") == "\"[1]\\n\\n\"\n")
      try lmkv.output("set", "s", "bytes", "-", "--bytes", input: "\u{0}\nx")
      #expect(try lmkv.output("get", "s", "bytes") == "{\"$bytes\":\"AAp4\"}\n")
      #expect(try lmkv.output("get", "s", "bytes", "--raw") == "\u{0}\nx")
      let latin = try lmkv.shell("printf '\\351' | lmkv set s latin -")
      #expect(latin.status == 2 && latin.errors.contains("UTF-8"))
    }
  }
}
