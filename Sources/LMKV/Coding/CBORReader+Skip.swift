extension CBORReader {
  /// Goes past one item of any kind and checks that it is well-formed. Text is checked for UTF-8 only if `checksText`
  /// says so.
  ///
  /// `depth` is how many arrays, maps and tags are open around it.
  mutating func skip(depth: Int, checksText: Bool = false) throws(CBORFault) {
    let start = offset
    let head = try readHead()
    switch head.major {
    case .unsigned, .negative: return
    case .bytes, .text: try skipString(head, start, checksText: checksText && head.major == .text)
    case .array: try skipItems(head, perItem: 1, start, depth: depth + 1, checksText)
    case .map: try skipItems(head, perItem: 2, start, depth: depth + 1, checksText)
    case .tag: try skipTagged(start, depth: depth + 1, checksText)
    case .simple: try checkSimple(head, start)
    }
  }

  func checkSimple(_ head: CBORHead, _ start: Int) throws(CBORFault) {
    if head.info == 24, head.argument < 32 { throw CBORFault(.reservedSimple(UInt8(head.argument)), at: start) }
  }

  private mutating func skipString(_ head: CBORHead, _ start: Int, checksText: Bool) throws(CBORFault) {
    guard head.isIndefinite else { return try skipPiece(head.argument, start, checksText: checksText) }
    while try !readBreak() {
      let chunk = try readHead()
      guard chunk.major == head.major, !chunk.isIndefinite else { throw CBORFault(.badChunk, at: start) }
      try skipPiece(chunk.argument, start, checksText: checksText)
    }
  }

  private mutating func skipPiece(_ length: UInt64, _ start: Int, checksText: Bool) throws(CBORFault) {
    if checksText { _ = try string(length, start) } else { _ = unsafe try take(length, for: start) }
  }

  private mutating func skipItems(
    _ head: CBORHead,
    perItem: Int,
    _ start: Int,
    depth: Int,
    _ checksText: Bool
  ) throws(CBORFault) {
    guard depth <= CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
    if head.isIndefinite {
      while try !readBreak() {
        try skip(depth: depth, checksText: checksText)
        if perItem == 2 {
          guard try peek() != CBOR.breakByte else { throw CBORFault(.oddMap, at: start) }
          try skip(depth: depth, checksText: checksText)
        }
      }
    } else {
      for _ in 0..<(try itemCount(head, bytesEach: UInt64(perItem), for: start) * perItem) {
        try skip(depth: depth, checksText: checksText)
      }
    }
  }

  private mutating func skipTagged(_ start: Int, depth: Int, _ checksText: Bool) throws(CBORFault) {
    guard depth <= CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
    try skip(depth: depth, checksText: checksText)
  }

  /// How many items or pairs an array or map of indefinite length holds; leaves the reader where it is.
  func countIndefinite(perItem: Int, _ start: Int, depth: Int) throws(CBORFault) -> Int {
    var copy = self
    var count = 0
    while try !copy.readBreak() {
      try copy.skip(depth: depth)
      if perItem == 2 {
        guard try copy.peek() != CBOR.breakByte else { throw CBORFault(.oddMap, at: start) }
        try copy.skip(depth: depth)
      }
      count += 1
    }
    return count
  }

  /// Goes past the head of an array or map and gives the number of its items or pairs.
  @inline(__always)
  mutating func openContainer(
    _ major: CBORMajor,
    as type: any Any.Type,
    depth: Int
  ) throws(CBORFault) -> (count: Int, isIndefinite: Bool) {
    let start = offset
    let head = try readHead()
    guard head.major == major else { throw mismatch(type, head, at: start) }
    guard depth < CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
    let perItem = major == .map ? 2 : 1
    if !head.isIndefinite {
      return (try itemCount(head, bytesEach: UInt64(perItem), for: start), false)
    }
    return (try countIndefinite(perItem: perItem, start, depth: depth + 1), true)
  }
}
