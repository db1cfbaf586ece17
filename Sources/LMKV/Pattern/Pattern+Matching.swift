extension Pattern {
  /// Whether the whole key matches the pattern.
  ///
  /// ```swift
  /// Pattern("user:?").matches("user:1")   // true
  /// Pattern("user:?").matches("user:12")  // false
  /// ```
  public func matches(_ key: String) -> Bool {
    var key = key
    return key.withUTF8 { utf8 in
      // The span ends with this closure, within which `withUTF8` keeps the bytes in place.
      unsafe program.matches(utf8.span)
    }
  }

  /// Whether the whole key, given as its UTF-8 bytes, matches the pattern.
  func matches(_ key: RawSpan) -> Bool {
    program.matches(Span<UInt8>(_bytes: key))
  }

  /// Whether the whole key, given as its UTF-8 bytes, matches the pattern. The bytes are read during the call only.
  func matches(_ key: UnsafeRawBufferPointer) -> Bool {
    // The caller vouches for the bytes during this call, and the span does not outlive it.
    unsafe matches(key.bytes)
  }
}
