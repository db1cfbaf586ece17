/// Reads stored entries, and says which key or scope it was when one is damaged or of another type.
enum EntryReading {
  @inline(__always)
  static func header(of bytes: UnsafeRawBufferPointer, in scope: @autoclosure () -> String) throws(LMKVError)
    -> EntryHeader
  {
    guard let header = unsafe EntryHeader(bytes) else {
      throw LMKVError(
        .corrupted,
        "An entry of the scope \"\(scope())\" is damaged, or was written by a newer version of LMKV. Use that version, "
          + "or remove the entry."
      )
    }
    return header
  }

  @inline(__always)
  static func decode<T: Decodable>(
    _ type: T.Type,
    from value: UnsafeRawBufferPointer,
    key: @autoclosure () -> String,
    in scope: @autoclosure () -> String
  ) throws -> T {
    do {
      return unsafe try ValueCoding.decode(type, from: value)
    } catch let error as DecodingError {
      throw unsafe unreadable(error, T.self, value, key(), scope())
    }
  }

  /// A value that can be read as what it is only is no value of the type: a number that does not fit, an unknown case.
  private static func unreadable(
    _ error: DecodingError,
    _ type: Any.Type,
    _ value: UnsafeRawBufferPointer,
    _ key: String,
    _ scope: String
  ) -> LMKVError {
    if case .dataCorrupted(let context) = error, unsafe (try? ValueCoding.decode(Value.self, from: value)) == nil {
      return LMKVError(
        .corrupted,
        "The value of \"\(key)\" in the scope \"\(scope)\" cannot be read: \(context.debugDescription)",
        cause: error
      )
    }
    return LMKVError(
      .typeMismatch,
      "The value of \"\(key)\" in the scope \"\(scope)\" is no \(type). Read it as what it was written as, or as a "
        + "Value.",
      cause: error
    )
  }
}
