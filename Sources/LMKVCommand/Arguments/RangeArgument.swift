internal import ArgumentParser
internal import LMKV

/// `FROM..TO` on the command line, each a key or nothing. A key that contains two dots is given in quotes.
struct RangeArgument: ExpressibleByArgument {
  let from: String?
  let to: String?

  init?(argument: String) {
    let argument = DashedNumbers.restored(argument)
    guard let dots = Self.dots(in: argument) else { return nil }
    from = Self.key(argument[..<dots.lowerBound])
    to = Self.key(argument[dots.upperBound...])
  }

  var selection: KeySelection {
    switch (from, to) {
    case (nil, nil): .all
    case (let from?, nil): .from(from)
    case (nil, let to?): .before(to)
    // What comes after `to`, seen backwards, are the keys before it.
    case (let from?, let to?): .from(from).reversed().after(to).reversed()
    }
  }

  /// The first two dots that are not between quotes.
  private static func dots(in text: String) -> Range<String.Index>? {
    guard text.hasPrefix("\"") else { return text.firstRange(of: "..") }
    return text.ranges(of: "..").first {
      KeyArgument(argument: String(text[..<$0.lowerBound])).text != text[..<$0.lowerBound]
    }
      ?? text.firstRange(of: "..")
  }

  private static func key(_ text: Substring) -> String? {
    text.isEmpty ? nil : KeyArgument(argument: String(text)).text
  }
}
