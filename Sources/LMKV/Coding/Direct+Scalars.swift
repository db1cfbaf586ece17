extension CBORDirectEncodable where Self: FixedWidthInteger {
  func write(to writer: CBORWriter, key: Int) { writer.append(self) }
}

extension CBORDirectDecodable where Self: FixedWidthInteger {
  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Self {
    try reader.readInteger(Self.self)
  }
}

extension Int: CBORDirectCodable {}
extension Int8: CBORDirectCodable {}
extension Int16: CBORDirectCodable {}
extension Int32: CBORDirectCodable {}
extension Int64: CBORDirectCodable {}
extension Int128: CBORDirectCodable {}
extension UInt: CBORDirectCodable {}
extension UInt8: CBORDirectCodable {}
extension UInt16: CBORDirectCodable {}
extension UInt32: CBORDirectCodable {}
extension UInt64: CBORDirectCodable {}
extension UInt128: CBORDirectCodable {}

extension Bool: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) { writer.append(self) }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Bool {
    try reader.readBool()
  }
}

extension Double: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) { writer.append(self) }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Double {
    try reader.readDouble()
  }
}

extension Float: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) { writer.append(Double(self)) }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> Float {
    try reader.readFloat()
  }
}

extension String: CBORDirectCodable {
  func write(to writer: CBORWriter, key: Int) { writer.append(self) }

  static func read(from reader: inout CBORReader, in session: CBORDecodingSession, depth: Int) throws -> String {
    try reader.readString()
  }
}
