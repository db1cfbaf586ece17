extension String {
  /// The longest key, in bytes of UTF-8: what LMDB allows.
  static let maxKeySize = 511

  /// Calls `body` with the UTF-8 of a key, after checking that it may be one.
  @inline(__always)
  func withKeyBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    // A native string lends its bytes as it is; only a bridged one must be copied first.
    if let result = unsafe try utf8.withContiguousStorageIfAvailable({ unsafe try checked($0, body) }) { return result }
    var key = self
    return try key.withUTF8 { unsafe try checked($0, body) }
  }

  @inline(__always)
  private func checked<R>(
    _ utf8: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    guard (1...Self.maxKeySize).contains(utf8.count) else { throw invalidKey(size: utf8.count) }
    return unsafe try body(UnsafeRawBufferPointer(utf8))
  }

  private func invalidKey(size: Int) -> LMKVError {
    guard size > 0 else {
      return LMKVError(.emptyKey, "A key must have at least one character. Give the entry a name.")
    }
    let start = String(prefix(40))
    return LMKVError(
      .keyTooLong,
      "The key \"\(start)…\" has \(size) bytes of UTF-8; at most \(Self.maxKeySize) are allowed. Shorten or hash it."
    )
  }
}
