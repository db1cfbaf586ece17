internal import OrderedCollections

/// Prints values as typed JSON.
struct JSONPrinter {
  private(set) var text = ""
  private let pretty: Bool
  private var indentation = 0

  init(pretty: Bool) {
    self.pretty = pretty
  }

  mutating func print(_ value: Value) {
    if let object = TypedJSON.object(for: value) { return printObject(object) }
    switch value {
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    // Swift prints the shortest text that reads back as the same double, with ".0" or an exponent when it is whole.
    case .double(let value): text += value.description
    case .string(let value): printString(value)
    case .array(let array): printItems(array, "[", "]") { $0.print($1) }
    case .map(let map): printObject(map)
    default: text += "null"
    }
  }

  private mutating func printObject(_ map: OrderedDictionary<Value, Value>) {
    printItems(map.elements, "{", "}") { printer, pair in
      printer.printString(pair.key.string ?? "")
      printer.text += printer.pretty ? ": " : ":"
      printer.print(pair.value)
    }
  }

  private mutating func printItems<Items: Collection>(
    _ items: Items,
    _ open: String,
    _ close: String,
    _ print: (inout JSONPrinter, Items.Element) -> Void
  ) {
    text += open
    indentation += 1
    var isFirst = true
    for item in items {
      if !isFirst { text += "," }
      isFirst = false
      breakLine()
      print(&self, item)
    }
    indentation -= 1
    if !isFirst { breakLine() }
    text += close
  }

  private mutating func breakLine() {
    if pretty { text += "\n" + String(repeating: "  ", count: indentation) }
  }

  private mutating func printString(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      // Control characters, and the two line ends that JSON allows but terminals and JavaScript trip over.
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
