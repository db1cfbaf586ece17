internal import LMKV

extension CommandFailure {
  /// The value is of another kind than the verb can work with.
  static func wrongKind(_ value: Value?, _ key: String, in scope: String, _ wayOut: String) -> CommandFailure {
    CommandFailure(
      .notFound,
      code: "\(LMKVError.Code.typeMismatch)",
      "The value of \(KeyArgument.quoted(key)) in the scope \(KeyArgument.quoted(scope)) is \(value?.kind ?? "absent"). "
        + wayOut
    )
  }
}

extension Value {
  /// What it is, in a sentence.
  fileprivate var kind: String {
    switch self {
    case .null: "null"
    case .undefined: "undefined"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .double: "a double"
    case .string: "a string"
    case .bytes: "bytes"
    case .date: "a date"
    case .array: "an array"
    case .map: "an object"
    case .tagged: "a tagged value"
    case .simple: "a simple value"
    }
  }
}
