internal import LMKV

/// The text of a value on the command line or the standard input: JSON, or a bare word, which is a string.
enum ValueText {
  static func parse(_ text: String) throws -> Value {
    do {
      return try Value(json: text)
    } catch let error as DecodingError {
      guard looksLikeJSON(text) else { return .string(text) }
      throw CommandFailure(.usage, "\(sentence(error)) To store the text as it is, give --string.")
    }
  }

  /// What is wrong with a JSON text.
  static func sentence(_ error: DecodingError) -> String {
    guard case .dataCorrupted(let context) = error else { return "The value is no JSON." }
    return context.debugDescription
  }

  /// Whether a text was meant to be JSON, so that it is a mistake if it is none.
  ///
  /// A number is when JSON would allow it and only its size is too much: `007` and `2024-01-01` are words.
  private static func looksLikeJSON(_ text: String) -> Bool {
    let text = text.drop { $0.isWhitespace }
    // By bytes: to `String` a quote and a combining accent behind it are one character.
    if let first = text.utf8.first, "{[\"".utf8.contains(first) { return true }
    return text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*/) != nil
  }
}
