extension Value {
  /// The value as typed JSON on one line. See ``json(pretty:)``.
  public var json: String { json() }

  /// The value as typed JSON: JSON (RFC 8259), in which every value survives.
  ///
  ///     let value: Value = ["name": "Ada", "score": 1.0, "photo": .bytes([1, 2, 3])]
  ///     value.json  // {"name":"Ada","score":1.0,"photo":{"$bytes":"AQID"}}
  ///
  /// Integers have no point, doubles have a point or an exponent, and maps keep their order. What JSON lacks is an
  /// object with one key:
  ///
  /// | value | typed JSON |
  /// |---|---|
  /// | date | `{"$date": ms}`: Unix milliseconds, with a fraction where they are not whole |
  /// | bytes | `{"$bytes": "base64"}` |
  /// | double that is no number | `{"$double": "NaN"}`, `"Infinity"` or `"-Infinity"` |
  /// | undefined | `{"$undefined": true}` |
  /// | simple value | `{"$simple": n}` |
  /// | tagged value | `{"$tag": [number, value]}` |
  /// | map with a key that is no string | `{"$map": [[key, value], ...]}` |
  ///
  /// A map whose only key is one of these names is printed in the `$map` form, so that it is not mistaken. A date
  /// that no number of milliseconds in a double gives exactly is printed as its tag 1 with seconds.
  public func json(pretty: Bool = false) -> String {
    var printer = JSONPrinter(pretty: pretty)
    printer.print(self)
    return printer.text
  }

  /// Parses JSON, typed JSON included. See ``json(pretty:)``.
  ///
  ///     let value = try Value(json: #"{"name": "Ada", "born": {"$date": -4854297600000}}"#)
  ///
  /// - Throws: `DecodingError.dataCorrupted` with line and column for a text that is not exactly one JSON value, has a
  ///   key twice in an object, an integer of more than 128 bits, a number beyond a double, a typed object with the
  ///   wrong content, or more than 512 levels.
  public init(json text: String) throws {
    try self.init(json: [UInt8](text.utf8))
  }

  /// Parses JSON from UTF-8 bytes.
  ///
  /// - Throws: as ``init(json:)-(String)``, and for bytes that are not UTF-8.
  public init(json utf8: [UInt8]) throws {
    var parser = JSONParser(utf8)
    do throws(JSONParser.Fault) {
      self = try parser.parseText()
    } catch {
      let before = utf8.prefix(error.offset)
      let line = before.count { $0 == UInt8(ascii: "\n") } + 1
      let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      // A column is a character, not a byte.
      let column = String(decoding: before[lineStart...], as: UTF8.self).count + 1
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: [],
          debugDescription: "Invalid JSON: \(error.sentence), at line \(line), column \(column)."
        )
      )
    }
  }
}
