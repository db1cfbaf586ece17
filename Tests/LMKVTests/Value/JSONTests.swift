import Foundation
import LMKV
import Testing

@Suite struct JSONTests {
  static let pairs: [(Value, String)] = [
    (.null, "null"),
    (true, "true"),
    (false, "false"),
    (0, "0"),
    (-1, "-1"),
    (1.0, "1.0"),
    (-0.0, "-0.0"),
    (1e20, "1e+20"),
    (0.1, "0.1"),
    (18_446_744_073_709_551_616, "18446744073709551616"),
    ("", "\"\""),
    ("\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}", #""\"\\/\b\f\n\r\t\u0000\u001f\u007f""#),
    ("ü水👩‍👩‍👧", "\"ü水👩‍👩‍👧\""),
    ([], "[]"),
    ([[], [:]], "[[],{}]"),
    (["b": 1, "a": [2]], #"{"b":1,"a":[2]}"#),
    (.undefined, #"{"$undefined":true}"#),
    (.double(.nan), #"{"$double":"NaN"}"#),
    (.double(.infinity), #"{"$double":"Infinity"}"#),
    (.double(-.infinity), #"{"$double":"-Infinity"}"#),
    (.bytes([]), #"{"$bytes":""}"#),
    (.bytes([1, 2, 3]), #"{"$bytes":"AQID"}"#),
    (.date(Date(timeIntervalSince1970: 1.5)), #"{"$date":1500}"#),
    (.date(Date(timeIntervalSince1970: -1)), #"{"$date":-1000}"#),
    (.date(Date(timeIntervalSince1970: 0.005)), #"{"$date":5}"#),
    (.date(Date(timeIntervalSince1970: 0.000_976_562_5)), #"{"$date":0.9765625}"#),
    (.simple(255), #"{"$simple":255}"#),
    (.tagged(32, "a:b"), #"{"$tag":[32,"a:b"]}"#),
    (.tagged(.max, .null), #"{"$tag":[18446744073709551615,null]}"#),
    ([1: 2], #"{"$map":[[1,2]]}"#),
    (["$date": 5], #"{"$map":[["$date",5]]}"#),
    (["$bytes": [1: 2]], #"{"$map":[["$bytes",{"$map":[[1,2]]}]]}"#),
    (["$date": 5, "x": 1], #"{"$date":5,"x":1}"#),
    (["$other": 5], #"{"$other":5}"#),
  ]

  @Test("Each kind of value has its text, and comes back from it", arguments: pairs)
  func text(_ pair: (value: Value, json: String)) throws {
    #expect(pair.value.json == pair.json)
    #expect("\(pair.value)" == pair.json)
    #expect(try Value(json: pair.json) == pair.value)
    #expect(try Value(json: pair.value.json(pretty: true)) == pair.value)
  }

  @Test("Pretty text is indented by two") func pretty() {
    let value: Value = ["a": [1, ["b": []]], "c": [:]]
    #expect(
      value.json(pretty: true) == """
        {
          "a": [
            1,
            {
              "b": []
            }
          ],
          "c": {}
        }
        """
    )
  }

  @Test("Other writers' JSON is read") func reads() throws {
    #expect(try Value(json: " [ 1 , 2.50 , 1E2, -0 , 1e-2 ]\r\n\t") == [1, 2.5, 100.0, 0, 0.01])
    #expect(try Value(json: #""\u00fc\uD83D\uDC4D\/""#) == "ü👍/")
    #expect(try Value(json: [0x22, 0xC3, 0xBC, 0x22]) == "ü")
    #expect(try Value(json: #"{"$tag":[1,5]}"#) == .date(Date(timeIntervalSince1970: 5)))
  }

  @Test(
    "Invalid JSON is an error with line and column",
    arguments: [
      ("", 1, 1), (" ", 1, 2), ("nul", 1, 1), ("bare", 1, 1), ("[1,\n 2,]", 2, 4), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
      ("{a:1}", 1, 2), ("{\"a\":1,}", 1, 8), ("\n\n{\"ü\":1, \"ü\":2}", 3, 9), ("01", 1, 1), ("-", 1, 2), ("1.", 1, 3),
      ("1.e5", 1, 3), ("1e", 1, 3), (".5", 1, 1), ("+1", 1, 1), ("1 2", 1, 3), ("NaN", 1, 1), ("1e999", 1, 1),
      ("170141183460469231731687303715884105728", 1, 1), ("\"a", 1, 3), ("\"a\nb\"", 1, 3), ("\"\\x\"", 1, 2),
      ("\"\\u12g4\"", 1, 6), ("\"\\ud800\"", 1, 2), ("\"\\ud800\\u0041\"", 1, 2), ("\"\\udc00\"", 1, 2), ("[", 1, 2),
      ("{", 1, 2), ("]", 1, 1), ("[}", 1, 2), ("'a'", 1, 1), ("/*c*/1", 1, 1), (#"{"$bytes":"*"}"#, 1, 1),
      (#"{"$date":"x"}"#, 1, 1), (#"[{"$simple":24}]"#, 1, 2), (#"{"$simple":22}"#, 1, 1), (#"{"$tag":[-1,2]}"#, 1, 1),
      (#"{"$map":[[1,2],[1,3]]}"#, 1, 1), (#"{"$undefined":false}"#, 1, 1), (#"{"$double":1}"#, 1, 1),
    ] as [(String, Int, Int)]
  )
  func invalid(_ text: String, line: Int, column: Int) throws {
    let error = try #require(throws: DecodingError.self) { _ = try Value(json: text) }
    #expect(error.context.debugDescription.hasSuffix("at line \(line), column \(column)."), "\(error)")
  }

  @Test("Bytes that are not UTF-8 are an error") func notUTF8() {
    #expect(throws: DecodingError.self) { _ = try Value(json: [0x22, 0xFF, 0x22]) }
    #expect(throws: DecodingError.self) { _ = try Value(json: [0xFF]) }
  }

  @Test("Nesting has a limit, which the deepest stored value stays under") func depth() throws {
    var deepest: Value = 1
    for _ in 0..<128 { deepest = [1: deepest] }
    _ = try CBOREncoder().encode(deepest)
    #expect(try Value(json: deepest.json).json == deepest.json)
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: DecodingError.self) { _ = try Value(json: text) }
    #expect(throws: DecodingError.self) { _ = try Value(json: String(repeating: "{\"a\":", count: 100_000)) }
  }
}
