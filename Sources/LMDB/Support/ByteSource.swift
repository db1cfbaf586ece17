/// Something that can show its bytes: what keys and values may be given as.
///
/// ```swift
/// try transaction.put([1, 2, 3], for: "key", in: database)
/// ```
public protocol ByteSource {
  /// Calls `body` with the bytes, which live as long as the call.
  func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R
}

extension String: ByteSource {
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    // `utf8Span` would do without a copy of bridged strings, but asks for macOS 26.
    var native = self
    let result = native.withUTF8 { utf8 in
      Result { () throws(E) -> R in try body(unsafe UnsafeRawBufferPointer(utf8).bytes) }
    }
    return try result.get()
  }
}

extension [UInt8]: ByteSource {
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    try body(unsafe span.bytes)
  }
}

extension ArraySlice<UInt8>: ByteSource {
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    try body(unsafe span.bytes)
  }
}
