extension CBORReader {
  /// Goes past one item of any kind and checks that it is well-formed. Text is not checked for UTF-8.
  ///
  /// `depth` is how many arrays, maps and tags are open around it.
  mutating func skip(depth: Int) throws(CBORFault) {
    let start = offset
    let head = try readHead()
    switch head.major {
    case .unsigned, .negative: return
    case .bytes, .text: try skipString(head, start)
    case .array: try skipItems(head, perItem: 1, start, depth: depth + 1)
    case .map: try skipItems(head, perItem: 2, start, depth: depth + 1)
    case .tag: try skipTagged(start, depth: depth + 1)
    case .simple: try checkSimple(head, start)
    }
  }

  func checkSimple(_ head: CBORHead, _ start: Int) throws(CBORFault) {
    if head.info == 24, head.argument < 32 { throw CBORFault(.reservedSimple(UInt8(head.argument)), at: start) }
  }

  private mutating func skipString(_ head: CBORHead, _ start: Int) throws(CBORFault) {
    guard head.isIndefinite else {
      _ = unsafe try take(head.argument, for: start)
      return
    }
    while try !readBreak() {
      let chunk = try readHead()
      guard chunk.major == head.major, !chunk.isIndefinite else { throw CBORFault(.badChunk, at: start) }
      _ = unsafe try take(chunk.argument, for: start)
    }
  }

  private mutating func skipItems(_ head: CBORHead, perItem: Int, _ start: Int, depth: Int) throws(CBORFault) {
    guard depth <= CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
    if head.isIndefinite {
      while try !readBreak() {
        try skip(depth: depth)
        if perItem == 2 {
          guard try peek() != CBOR.breakByte else { throw CBORFault(.oddMap, at: start) }
          try skip(depth: depth)
        }
      }
    } else {
      for _ in 0..<(try itemCount(head, bytesEach: UInt64(perItem), for: start) * perItem) { try skip(depth: depth) }
    }
  }

  private mutating func skipTagged(_ start: Int, depth: Int) throws(CBORFault) {
    guard depth <= CBOR.maxDepth else { throw CBORFault(.tooDeep, at: start) }
    try skip(depth: depth)
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
