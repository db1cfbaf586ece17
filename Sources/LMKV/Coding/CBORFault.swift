/// What is wrong with some bytes, before it is known which coding path they belong to.
struct CBORFault: Error {
  enum Reason {
    case endOfInput
    case trailingBytes(Int)
    case reservedInfo(UInt8)
    case unexpectedBreak
    case badChunk
    case lengthBeyondInput(UInt64)
    case invalidUTF8
    case reservedSimple(UInt8)
    case tooDeep
    case duplicateKey
    /// Two keys are different bytes, but `String` takes them for equal.
    case equivalentKeys(String)
    case oddMap
    /// The item is well-formed but not of the expected type.
    case mismatch(expected: any Any.Type, found: String)
    /// The item is null or undefined.
    case null(expected: any Any.Type)
    /// The item has the right type but a value that doesn't fit, and this says why.
    case unfit(String)
  }

  var reason: Reason
  /// Where the item begins that is at fault.
  var offset: Int

  init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// What is wrong, in words without a full stop.
  var sentence: String {
    switch reason {
    case .endOfInput: "The input ends in the middle of an item"
    case .trailingBytes(let count): "The item is complete, but \(count) more bytes follow"
    case .reservedInfo(let info): "Additional information \(info) is reserved"
    case .unexpectedBreak: "A break stands where an item should begin"
    case .badChunk: "A string of indefinite length has a chunk that is not a definite string of its type"
    case .lengthBeyondInput(let length): "A length of \(length) is more than the input holds"
    case .invalidUTF8: "A text string is not valid UTF-8"
    case .reservedSimple(let value): "Simple value \(value) is reserved"
    case .tooDeep: "Arrays, maps and tags nest deeper than \(CBOR.maxDepth) levels"
    case .duplicateKey: "A map has the same key twice"
    case .equivalentKeys(let key):
      "A map has two keys that Unicode takes for equal, \"\(key)\" in different bytes, which a dictionary cannot tell "
        + "apart; a Value can"
    case .oddMap: "A map of indefinite length ends between a key and its value"
    case .mismatch(let expected, let found): "Expected \(expected) but found \(found)"
    case .null(let expected): "Expected \(expected) but found null"
    case .unfit(let why): why
    }
  }

  func decodingError(codingPath: [any CodingKey]) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: codingPath,
      debugDescription: "\(sentence), at byte offset \(offset)."
    )
    return switch reason {
    case .mismatch(let expected, _): .typeMismatch(expected, context)
    case .null(let expected): .valueNotFound(expected, context)
    default: .dataCorrupted(context)
    }
  }
}
