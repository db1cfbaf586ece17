enum ScopeName {
  /// What leaves room for `scope:` and a number in the name of a named DB, which has at most 511 bytes.
  static let maxSize = 480

  static func check(_ name: String) throws(LMKVError) {
    let size = name.utf8.count
    guard size > 0, size <= maxSize, !name.utf8.contains(0) else {
      throw LMKVError(
        .invalidName,
        "A scope's name has 1 to \(maxSize) bytes of UTF-8 and no zero byte; \"\(name.prefix(40))\" has \(size) bytes. "
          + "Choose another name."
      )
    }
  }
}
