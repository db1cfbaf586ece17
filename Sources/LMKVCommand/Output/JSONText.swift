internal import LMKV

/// The JSON that `--json` prints.
enum JSONText {
  /// An object with its members in the order that is given, on one line.
  static func object(_ members: KeyValuePairs<String, Value>) -> String {
    var text = "{"
    for (name, value) in members {
      if text.utf8.count > 1 { text += "," }
      text += "\"\(name)\":"
      text += value.json
    }
    return text + "}"
  }
}

extension Entry<Value> {
  var expiresValue: Value { expires.map(Value.date) ?? .null }
  var revisionValue: Value { .integer(Int128(revision)) }
}
