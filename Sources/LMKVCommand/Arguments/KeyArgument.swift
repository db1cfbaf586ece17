internal import ArgumentParser
internal import LMKV

/// A key or the name of a scope on the command line.
///
/// It stands for itself, unless it is a JSON string in its quotes: then for what that says.
struct KeyArgument: ExpressibleByArgument {
  let text: String

  init(argument: String) {
    text = Self.parse(DashedNumbers.restored(argument))
  }

  private static func parse(_ argument: String) -> String {
    guard argument.utf8.first == UInt8(ascii: "\""), let value = try? Value(json: argument) else { return argument }
    return value.string ?? argument
  }

  /// The form of a key that a terminal, a line of text and ``init(argument:)`` all take for one and the same key.
  static func printed(_ key: String) -> String {
    isPlain(key) ? key : Value.string(key).json
  }

  /// A key in a sentence, always in quotes.
  static func quoted(_ key: String) -> String {
    Value.string(key).json
  }

  private static func isPlain(_ key: String) -> Bool {
    guard let first = key.utf8.first, first != UInt8(ascii: "\"") else { return false }
    // Control characters and line ends, as UTF-8: C0 and DEL are one byte, C1 is C2 80...C2 9F, the two separators of
    // Unicode are E2 80 A8 and E2 80 A9.
    var previous: (UInt8, UInt8) = (0, 0)
    for byte in key.utf8 {
      if byte < 0x20 || byte == 0x7F { return false }
      if previous.1 == 0xC2, byte < 0xA0 { return false }
      if previous == (0xE2, 0x80), byte == 0xA8 || byte == 0xA9 { return false }
      previous = (previous.1, byte)
    }
    return true
  }
}
