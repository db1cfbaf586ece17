extension CBORDecodingSession {
  /// The keys that lead from the outermost item to the innermost one that holds this offset.
  ///
  /// Found by walking the bytes, so that decoding pays nothing for it. What can't be read ends the walk.
  func codingPath(to target: Int) -> [any CodingKey] {
    var path: [any CodingKey] = []
    var reader = input
    try? reader.skipSelfDescription()
    while reader.offset < target, let key = reader.enterChild(holding: target) {
      if let key = key.key { path.append(key) }
    }
    return path
  }
}

extension CBORReader {
  /// Moves to the element, value or tagged item that holds the offset; nil when there is none in the item here.
  fileprivate mutating func enterChild(holding target: Int) -> (key: CBORKey?, Void)? {
    guard let head = try? readHead(), offset <= target else { return nil }
    switch head.major {
    case .tag: return (nil, ())
    case .array, .map: break
    default: return nil
    }
    var index: UInt64 = 0
    while head.isIndefinite ? (try? readBreak()) == false : index < head.argument {
      var key = CBORKey(index: Int(truncatingIfNeeded: index))
      if head.major == .map {
        guard let found = readAnyKey(), offset <= target else { return nil }
        key = found
      }
      let start = offset
      // An item that can't be skipped holds the offset of what is wrong with it.
      guard (try? skip(depth: 0)) != nil, offset <= target else {
        offset = start
        return (key, ())
      }
      index += 1
    }
    return nil
  }

  private mutating func readAnyKey() -> CBORKey? {
    if let key = readKey() { return key }
    return (try? skip(depth: 0)) == nil ? nil : CBORKey(stringValue: "?")
  }
}
