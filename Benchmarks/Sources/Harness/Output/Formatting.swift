internal import Foundation

extension Double {
  /// Three significant digits or more, thousands grouped: `0.0123`, `3.62`, `45.1`, `1,234,567`.
  public var formattedFigure: String {
    let magnitude = self == 0 ? 0 : Int(log10(abs(self)).rounded(.down))
    return formatted(fractionDigits: max(0, min(2 - magnitude, 6)))
  }

  /// A ratio: `0.98x`, `12.4x`, `148x`.
  public var formattedRatio: String {
    formattedFigure + "x"
  }

  private func formatted(fractionDigits: Int) -> String {
    let text = String(format: "%.\(fractionDigits)f", self)
    let parts = text.split(separator: ".", maxSplits: 1)
    return ([grouped(parts[0])] + parts.dropFirst().map(String.init)).joined(separator: ".")
  }
}

extension Int {
  /// Thousands grouped: `1,234,567`.
  public var formattedCount: String {
    grouped(String(self)[...])
  }
}

private func grouped(_ digits: Substring) -> String {
  let sign = digits.hasPrefix("-") ? "-" : ""
  var grouped = ""
  for (position, digit) in digits.dropFirst(sign.count).reversed().enumerated() {
    if position > 0 && position.isMultiple(of: 3) { grouped.append(",") }
    grouped.append(digit)
  }
  return sign + String(grouped.reversed())
}
