/// Few characters, nearly all of which mean something in a pattern, so that matches and odd classes are frequent.
private let ordinary = Array("abwxyz".unicodeScalars)
private let special = Array("****??[[]]-^\\!\0".unicodeScalars)

/// A random pattern of up to nine characters.
func randomPattern(using generator: inout SeededGenerator) -> String {
  let share = Double.random(in: 0...1, using: &generator)
  return randomText(upTo: 9, special: share, using: &generator)
}

/// A random key of up to six characters.
func randomKey(using generator: inout SeededGenerator) -> String {
  randomText(upTo: 6, special: 0.4, using: &generator)
}

/// A key made from a pattern by replacing its wildcards, which therefore often matches.
func randomKey(like pattern: String, using generator: inout SeededGenerator) -> String {
  var key = ""
  for scalar in pattern.unicodeScalars {
    switch scalar {
    case "*": key += randomText(upTo: 3, special: 0.2, using: &generator)
    case "?": key += randomText(upTo: 1, special: 0.2, using: &generator)
    case "[", "]", "\\", "^": if Int.random(in: 0..<4, using: &generator) == 0 { key.unicodeScalars.append(scalar) }
    default: if Int.random(in: 0..<8, using: &generator) != 0 { key.unicodeScalars.append(scalar) }
    }
  }
  return key.isEmpty ? "a" : key
}

private func randomText(upTo length: Int, special share: Double, using generator: inout SeededGenerator) -> String {
  var text = ""
  for _ in 0..<Int.random(in: 1...length, using: &generator) {
    let source = Double.random(in: 0..<1, using: &generator) < share ? special : ordinary
    text.unicodeScalars.append(source[Int.random(in: source.indices, using: &generator)])
  }
  return text
}

/// Puts scalars of two to four bytes in the place of `w` to `z`.
///
/// They are in the same order and, as `w` to `z` are, above everything else that occurs here, so every range keeps its
/// meaning: what Redis says of the ASCII text holds for the other one, too, if scalars are what is counted.
func transliterate(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "w": result.unicodeScalars.append("\u{80}")
    case "x": result.unicodeScalars.append("ü")
    case "y": result.unicodeScalars.append("€")
    case "z": result.unicodeScalars.append("\u{1F600}")
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
