extension DecodingError {
  /// Where in a value something is wrong and what, in a sentence: "At items.1.n: Expected Int but found a boolean, at
  /// byte offset 15."
  var whereAndWhy: String {
    guard let context else { return "\(self)." }
    let why = context.debugDescription.hasSuffix(".") ? context.debugDescription : context.debugDescription + "."
    guard !context.codingPath.isEmpty else { return why }
    return "At \(Self.text(of: context.codingPath)): \(why)"
  }

  private var context: Context? {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context
    @unknown default: nil
    }
  }

  /// The keys with points between them; of a place in an array its number.
  private static func text(of path: [any CodingKey]) -> String {
    path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}
