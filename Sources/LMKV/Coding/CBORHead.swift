/// The three high bits of an item's first byte (RFC 8949, section 3.1).
enum CBORMajor: UInt8 {
  case unsigned = 0
  case negative = 1
  case bytes = 2
  case text = 3
  case array = 4
  case map = 5
  case tag = 6
  case simple = 7
}

/// The first bytes of an item: its major type, the five low bits and the argument that they announce.
struct CBORHead {
  var major: CBORMajor
  /// The five low bits: below 24 the argument itself, 24...27 its width, 31 indefinite length.
  var info: UInt8
  /// The argument, 0 for an indefinite length. For a float it is the bit pattern.
  var argument: UInt64

  var isIndefinite: Bool { info == 31 }
}

/// The constants of the format that more than one file needs.
enum CBOR {
  /// Arrays, maps and tags nest at most this deep, in writing and in reading, so that no input can overflow the stack.
  static let maxDepth = 128

  static let falseByte: UInt8 = 0xF4
  static let trueByte: UInt8 = 0xF5
  static let nullByte: UInt8 = 0xF6
  static let undefinedByte: UInt8 = 0xF7
  static let breakByte: UInt8 = 0xFF

  enum Tag {
    static let epochDate: UInt64 = 1
    static let positiveBignum: UInt64 = 2
    static let negativeBignum: UInt64 = 3
    static let decimalFraction: UInt64 = 4
    static let uri: UInt64 = 32
    static let uuid: UInt64 = 37
    /// Says "this is CBOR" and changes nothing about the item in it.
    static let selfDescribed: UInt64 = 55799
  }
}
