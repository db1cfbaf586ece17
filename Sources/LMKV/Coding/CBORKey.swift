/// A key that was read from bytes: a string, an integer, or a position in an array.
struct CBORKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  /// The key of a dictionary: like the standard library's own, it has an integer where the text is one.
  init(dictionaryKey text: String) {
    stringValue = text
    intValue = Int(text)
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  init(index: Int) {
    stringValue = "Index \(index)"
    intValue = index
  }

  static let `super` = CBORKey(stringValue: "super")
}

/// How a coding key is stored: as an integer or as text.
enum CBORStoredKey {
  /// The integer to store a key as, or nil when it is stored as text.
  ///
  /// An enum of keys with integer raw values is stored as those integers, as is a dictionary with integer keys. The
  /// standard library gives an integer to every key text that parses as one; where the text would not come back
  /// from the integer ("01"), it stays text.
  @inline(__always)
  static func integer(for key: some CodingKey, text: String) -> Int? {
    guard let integer = key.intValue else { return nil }
    switch text.utf8.first ?? 0 {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      return text == String(integer) ? integer : nil
    default:
      return integer
    }
  }
}
