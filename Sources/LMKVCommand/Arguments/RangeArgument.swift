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
    case (let from?, let to?): .range(from..<to)
    }
  }

  /// The first two dots that are not between quotes. By bytes: to `String` a dot and a combining accent behind it are one
  /// character, and no dot.
  private static func dots(in text: String) -> Range<String.Index>? {
    let dots = text.utf8.ranges(of: "..".utf8)
    guard text.utf8.first == UInt8(ascii: "\"") else { return dots.first }
    return dots.first { dots in
      let key = text[..<dots.lowerBound]
      return !KeyArgument(argument: String(key)).text.utf8.elementsEqual(key.utf8)
    } ?? dots.first
  }

  private static func key(_ text: Substring) -> String? {
    text.isEmpty ? nil : KeyArgument(argument: String(text)).text
  }
}
