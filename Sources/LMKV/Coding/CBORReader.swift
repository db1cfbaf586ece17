/// A position in bytes that others may have written: every read is checked against the end.
///
/// Safe to use while the bytes are there, which whoever makes one has to see to.
@safe struct CBORReader {
  // Valid as long as the bytes that it was made from; every reader lives inside a call that holds those.
  private let base: UnsafeRawPointer
  let count: Int
  var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address; with a count of 0 the placeholder is never read.
    unsafe base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    count = bytes.count
  }

  var remaining: Int { count - offset }

  @inline(__always)
  func peek() throws(CBORFault) -> UInt8 {
    guard offset < count else { throw CBORFault(.endOfInput, at: offset) }
    // offset is never negative and is below count.
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// Reads the first bytes of an item.
  @inline(__always)
  mutating func readHead() throws(CBORFault) -> CBORHead {
    let byte = try peek()
    let info = byte & 31
    // Three bits, and the eight cases are 0...7 in memory, too; the initializer from a raw value is a call.
    let major = unsafe unsafeBitCast(byte >> 5, to: CBORMajor.self)
    if info < 24 {
      offset += 1
      return CBORHead(major: major, info: info, argument: UInt64(info))
    }
    return try readLongHead(major, info)
  }

  @inline(never)
  private mutating func readLongHead(_ major: CBORMajor, _ info: UInt8) throws(CBORFault) -> CBORHead {
    let start = offset
    offset += 1
    do throws(CBORFault) {
      let argument: UInt64 =
        switch info {
        case 24: UInt64(try read(UInt8.self))
        case 25: UInt64(try read(UInt16.self))
        case 26: UInt64(try read(UInt32.self))
        case 27: try read(UInt64.self)
        case 31 where major == .simple: throw CBORFault(.unexpectedBreak, at: start)
        case 31 where major.rawValue >= 2 && major != .tag: 0
        default: throw CBORFault(.reservedInfo(info), at: start)
        }
      return CBORHead(major: major, info: info, argument: argument)
    } catch {
      offset = start
      throw error
    }
  }

  /// Reads an integer whose most significant byte comes first.
  @inline(__always)
  private mutating func read<I: FixedWidthInteger & BitwiseCopyable>(_ type: I.Type) throws(CBORFault) -> I {
    let size = MemoryLayout<I>.size
    guard remaining >= size else { throw CBORFault(.endOfInput, at: offset) }
    // The bytes are within the input.
    let value = unsafe I(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: I.self))
    offset += size
    return value
  }

  /// Takes the next bytes. They are valid as long as the reader's input.
  @inline(__always)
  mutating func take(_ length: UInt64, for start: Int) throws(CBORFault) -> UnsafeRawBufferPointer {
    guard length <= UInt64(remaining) else { throw CBORFault(.lengthBeyondInput(length), at: start) }
    // The length has just been checked against the end.
    let bytes = unsafe UnsafeRawBufferPointer(start: base + offset, count: Int(length))
    offset += Int(length)
    return unsafe bytes
  }

  /// The number of elements or pairs that a head announces, checked against what can follow.
  @inline(__always)
  func itemCount(_ head: CBORHead, bytesEach: UInt64, for start: Int) throws(CBORFault) -> Int {
    guard head.argument <= UInt64(remaining) / bytesEach else {
      throw CBORFault(.lengthBeyondInput(head.argument), at: start)
    }
    return Int(head.argument)
  }

  /// Whether a break comes next; goes past it when it does.
  mutating func readBreak() throws(CBORFault) -> Bool {
    guard try peek() == CBOR.breakByte else { return false }
    offset += 1
    return true
  }

  /// Throws unless the input ends here.
  func expectEnd() throws(CBORFault) {
    guard offset == count else { throw CBORFault(.trailingBytes(remaining), at: offset) }
  }

  /// Goes past tags that say nothing about the item ("this is CBOR").
  @inline(__always)
  mutating func skipSelfDescription() throws(CBORFault) {
    while offset + 3 <= count, try peek() == 0xD9 {
      let start = offset
      guard try readHead().argument == CBOR.Tag.selfDescribed else {
        offset = start
        return
      }
    }
  }

  /// A reader at the same position that sees nothing, for use after the input has gone.
  static var empty: CBORReader {
    // Empty: no byte is ever read from it.
    unsafe CBORReader(UnsafeRawBufferPointer(start: nil, count: 0))
  }
}
