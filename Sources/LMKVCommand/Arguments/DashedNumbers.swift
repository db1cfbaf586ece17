/// Lets negative numbers be arguments: to the parser `-5` would be an option.
///
/// No option of `lmkv` begins with a digit, so such arguments are marked with a scalar for private use, and lose
/// the mark again in the types that arguments are parsed to. An argument that begins with that scalar is marked too.
enum DashedNumbers {
  private static let mark: Unicode.Scalar = "\u{10FFFD}"

  static func marked(_ arguments: [String]) -> [String] {
    arguments.map { argument in
      isMarked(argument) || isNegativeNumber(argument) ? String(mark) + argument : argument
    }
  }

  private static func isMarked(_ argument: String) -> Bool {
    argument.unicodeScalars.first == mark
  }

  private static func isNegativeNumber(_ argument: String) -> Bool {
    let bytes = argument.utf8.prefix(2)
    return bytes.first == UInt8(ascii: "-")
      && bytes.dropFirst().contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }

  /// The argument as it was given.
  static func restored(_ argument: String) -> String {
    isMarked(argument) ? String(argument.unicodeScalars.dropFirst()) : argument
  }

  /// A message in which arguments are quoted, as they were given.
  static func restoredAll(_ message: String) -> String {
    String(String.UnicodeScalarView(message.unicodeScalars.filter { $0 != mark }))
  }
}
