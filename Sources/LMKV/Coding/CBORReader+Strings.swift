extension CBORReader {
  @inline(__always)
  mutating func readString() throws(CBORFault) -> String {
    let start = offset
    let head = try readHead()
    guard head.major == .text else { throw mismatch(String.self, head, at: start) }
    if head.isIndefinite { return try readChunkedString(start) }
    return try string(head.argument, start)
  }

  @inline(__always)
  mutating func string(_ length: UInt64, _ start: Int) throws(CBORFault) -> String {
    // The bytes live as long as the input, and the string is a copy.
    let utf8 = unsafe try take(length, for: start)
    var string = unsafe String(decoding: utf8, as: UTF8.self)
    // Decoding replaces what is not UTF-8, so the string is other bytes then. (`String(validating:)` does the same
    // work several times slower.)
    let isValid = string.withUTF8 { copy in
      unsafe copy.count == utf8.count && utf8.elementsEqualTo(copy)
    }
    guard isValid else { throw CBORFault(.invalidUTF8, at: start) }
    return string
  }

  @inline(never)
  mutating func readChunkedString(_ start: Int) throws(CBORFault) -> String {
    var result = ""
    while try !readBreak() {
      let chunk = try readHead()
      guard chunk.major == .text, !chunk.isIndefinite else { throw CBORFault(.badChunk, at: start) }
      result += try string(chunk.argument, start)
    }
    return result
  }

  mutating func readBytes(_ type: any Any.Type = [UInt8].self) throws(CBORFault) -> [UInt8] {
    let start = offset
    let head = try readHead()
    guard head.major == .bytes else { throw mismatch(type, head, at: start) }
    return try readBytes(head, start)
  }

  mutating func readBytes(_ head: CBORHead, _ start: Int) throws(CBORFault) -> [UInt8] {
    // The bytes live as long as the input, and the array is a copy.
    if !head.isIndefinite { return unsafe [UInt8](try take(head.argument, for: start)) }
    var result: [UInt8] = []
    while try !readBreak() {
      let chunk = try readHead()
      guard chunk.major == .bytes, !chunk.isIndefinite else { throw CBORFault(.badChunk, at: start) }
      unsafe result += try take(chunk.argument, for: start)
    }
    return result
  }
}
