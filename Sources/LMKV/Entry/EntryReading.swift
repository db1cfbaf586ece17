/// Reads stored entries, and says which key or scope it was when one is damaged or of another type.
enum EntryReading {
  @inline(__always)
  static func header(
    of bytes: UnsafeRawBufferPointer,
    key: @autoclosure () -> String,
    in scope: @autoclosure () -> String
  ) throws(LMKVError) -> EntryHeader {
    guard let header = unsafe EntryHeader(bytes) else {
      throw LMKVError(
        .corrupted,
        "The entry \(key().debugDescription) of the scope \"\(scope())\" is damaged, or was written by a newer version of LMKV. Use that "
          + "version, or remove the entry; a list goes on when it begins after this key."
      )
    }
    return header
  }

  /// Lends the header and the value of an entry; nil when it has expired. Only one that can expire asks for the time.
  @inline(__always)
  static func withLiving<R>(
    _ entry: UnsafeRawBufferPointer,
    at now: @autoclosure () -> Int64,
    key: @autoclosure () -> String,
    in scope: @autoclosure () -> String,
    _ body: (EntryHeader, UnsafeRawBufferPointer) throws -> R
  ) throws -> R? {
    let header = unsafe try header(of: entry, key: key(), in: scope())
    guard header.expiry == nil || !header.isExpired(at: now()) else { return nil }
    return unsafe try body(header, UnsafeRawBufferPointer(rebasing: entry[header.size...]))
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

  /// A type may call data corrupted that is sound and merely none of its values: 300 is no `UInt8`, and "mauve" may be
  /// no case of an enumeration. The entry is damaged only if it is no value at all.
  private static func unreadable(
    _ error: DecodingError,
    _ type: Any.Type,
    _ value: UnsafeRawBufferPointer,
    _ key: String,
    _ scope: String
  ) -> LMKVError {
    if case .dataCorrupted = error {
      guard unsafe (try? ValueCoding.decode(Value.self, from: value)) != nil else {
        return LMKVError(
          .corrupted,
          "The value of \(key.debugDescription) in the scope \"\(scope)\" cannot be read. \(error.whereAndWhy)",
          cause: error
        )
      }
    }
    return LMKVError(
      .typeMismatch,
      "The value of \(key.debugDescription) in the scope \"\(scope)\" is no \(type). \(error.whereAndWhy) Read it as what it was "
        + "written as, or as a Value.",
      cause: error
    )
  }
}
