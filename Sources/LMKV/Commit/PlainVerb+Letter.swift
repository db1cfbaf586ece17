internal import ControlPage

/// Verbs as bytes in a ``Mailbox``, one behind the other, each from a multiple of 8 on:
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 1 | operation; 16 more where the expiry is a duration |
/// | 1 | 1 | bit 0: there is an expiry; bit 1: a former one is kept |
/// | 2 | 1 | answer: 0 = none, 1 = done |
/// | 4 | 2 | length of the scope's name |
/// | 6 | 2 | length of the key |
/// | 8 | 4 | length of the value |
/// | 12 | 4 | length of all |
/// | 16 | 8 | expiry: milliseconds since 1970, or from when the verb is done |
/// | 24 | 8 | what is added; later the answer |
/// | 32 | 16 | the least and the greatest sum |
/// | 48 | | scope, key, value |
///
/// A version that knows no durations here knows no operation with one either, and refuses the letter: its owner does it
/// himself.
extension PlainVerb {
  private static let headSize = 48
  private static let hasDuration: UInt8 = 16
  private static let answerAt = 2
  private static let numberAt = 24

  /// Writes it at an offset. Returns the offset of the next one; nil where it does not fit.
  func write(to letter: UnsafeMutableRawBufferPointer, at offset: Int) -> Int? {
    var (scope, key) = (scope, key)
    return scope.withUTF8 { scope in
      key.withUTF8 { key in
        let length = (Self.headSize + scope.count + key.count + value.count + 7) & ~7
        guard offset + length <= letter.count, scope.count <= 0xFFFF, key.count <= 0xFFFF else {
          return nil
        }
        let (expiry, isDuration): (Int64?, Bool) =
          switch expires.moment {
          case .never: (nil, false)
          case .after(let length): (length, true)
          case .at(let moment): (moment, false)
          }
        let code = operation.rawValue | (isDuration ? Self.hasDuration : 0)
        let flags: UInt8 = (expiry == nil ? 0 : 1) | (expires.keepsFormer ? 2 : 0)
        // All of it lies before `offset + length`.
        unsafe letter.storeBytes(of: code, toByteOffset: offset, as: UInt8.self)
        unsafe letter.storeBytes(of: flags, toByteOffset: offset + 1, as: UInt8.self)
        unsafe letter.storeBytes(of: 0, toByteOffset: offset + Self.answerAt, as: UInt8.self)
        unsafe letter.storeBytes(of: UInt16(scope.count), toByteOffset: offset + 4, as: UInt16.self)
        unsafe letter.storeBytes(of: UInt16(key.count), toByteOffset: offset + 6, as: UInt16.self)
        unsafe letter.storeBytes(of: UInt32(value.count), toByteOffset: offset + 8, as: UInt32.self)
        unsafe letter.storeBytes(of: UInt32(length), toByteOffset: offset + 12, as: UInt32.self)
        unsafe letter.storeBytes(of: expiry ?? 0, toByteOffset: offset + 16, as: Int64.self)
        unsafe letter.storeBytes(of: amount, toByteOffset: offset + Self.numberAt, as: Int64.self)
        unsafe letter.storeBytes(of: range.lowerBound, toByteOffset: offset + 32, as: Int64.self)
        unsafe letter.storeBytes(of: range.upperBound, toByteOffset: offset + 40, as: Int64.self)
        let text = unsafe UnsafeMutableRawBufferPointer(rebasing: letter[(offset + Self.headSize)...])
        unsafe text.copyBytes(from: scope)
        unsafe UnsafeMutableRawBufferPointer(rebasing: text[scope.count...]).copyBytes(from: key)
        unsafe UnsafeMutableRawBufferPointer(rebasing: text[(scope.count + key.count)...]).copyBytes(from: value)
        return offset + length
      }
    }
  }

  /// Reads the one at an offset, and how long it is. Nil where the bytes are none.
  static func read(_ letter: UnsafeRawBufferPointer, at offset: Int) -> (verb: Self, length: Int)? {
    guard offset + headSize <= letter.count else { return nil }
    let code = unsafe letter.load(fromByteOffset: offset, as: UInt8.self)
    guard let operation = Operation(rawValue: code & ~hasDuration) else { return nil }
    let flags = unsafe letter.load(fromByteOffset: offset + 1, as: UInt8.self)
    let scopeLength = unsafe Int(letter.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self))
    let keyLength = unsafe Int(letter.loadUnaligned(fromByteOffset: offset + 6, as: UInt16.self))
    let valueLength = unsafe Int(letter.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
    let length = unsafe Int(letter.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
    let least = unsafe letter.loadUnaligned(fromByteOffset: offset + 32, as: Int64.self)
    let most = unsafe letter.loadUnaligned(fromByteOffset: offset + 40, as: Int64.self)
    guard length >= headSize + scopeLength + keyLength + valueLength, offset + length <= letter.count,
      length % 8 == 0, least <= most
    else { return nil }
    let text = unsafe letter[(offset + headSize)...]
    let expiry = unsafe letter.loadUnaligned(fromByteOffset: offset + 16, as: Int64.self)
    let moment: ExpiryTerm.Moment =
      flags & 1 == 0 ? .never : code & hasDuration == 0 ? .at(expiry) : .after(expiry)
    let verb = unsafe Self(
      operation: operation,
      scope: String(decoding: text.prefix(scopeLength), as: UTF8.self),
      key: String(decoding: text.dropFirst(scopeLength).prefix(keyLength), as: UTF8.self),
      expires: ExpiryTerm(moment: moment, keepsFormer: flags & 2 != 0),
      amount: letter.loadUnaligned(fromByteOffset: offset + numberAt, as: Int64.self),
      range: least...most,
      value: [UInt8](text.dropFirst(scopeLength + keyLength).prefix(valueLength))
    )
    return (verb, length)
  }

  static func writeAnswer(_ answer: Int64, to letter: UnsafeMutableRawBufferPointer, at offset: Int) {
    unsafe letter.storeBytes(of: answer, toByteOffset: offset + numberAt, as: Int64.self)
    unsafe letter.storeBytes(of: 1, toByteOffset: offset + answerAt, as: UInt8.self)
  }

  /// Nil where it was not done.
  static func answer(_ letter: UnsafeMutableRawBufferPointer, at offset: Int) -> Int64? {
    guard unsafe letter.load(fromByteOffset: offset + answerAt, as: UInt8.self) == 1 else { return nil }
    return unsafe letter.loadUnaligned(fromByteOffset: offset + numberAt, as: Int64.self)
  }
}
