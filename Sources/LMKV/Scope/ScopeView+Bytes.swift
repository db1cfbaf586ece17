extension ScopeView where Stored == [UInt8] {
  /// Lends the bytes under a key to `body`, without a copy. Nil when the key is absent; `body` is not called then.
  ///
  /// ```swift
  /// let length = try view.withBytes("picture") { $0.byteCount }
  /// ```
  ///
  /// The bytes lie in the store's map and live as long as the call. In a transaction `body` cannot write: that throws
  /// `transactionFailed`, because it would change the bytes under it.
  ///
  /// LMDB: `mdb_get`.
  @inlinable
  public func withBytes<R>(_ key: String, _ body: (RawSpan) throws -> R) throws -> R? {
    try beginLending()
    defer { endLending() }
    // The pointer is good until the snapshot ends or the transaction writes: not before `body` returns.
    if let bytes = unsafe try lentBytes(key) { return try body(unsafe bytes.bytes) }
    guard let bytes = try get(key) else { return nil }
    return try body(unsafe bytes.span.bytes)
  }

  /// Lends the keys that a selection chooses, and the bytes under them, to `body`, in the order of the keys and without
  /// a copy.
  ///
  /// ```swift
  /// var size = 0
  /// try view.forEachBytes(.prefix("picture:")) { key, value in size += value.byteCount }
  /// ```
  ///
  /// The bytes lie in the store's map and live as long as each call. In a transaction `body` cannot write: that throws
  /// `transactionFailed`, because it would change the bytes under it.
  ///
  /// - Throws: what `body` throws, which ends the loop; ``LMKVError`` with `typeMismatch`, `corrupted`.
  ///
  /// LMDB: `mdb_cursor_get`.
  @inlinable
  public func forEachBytes(
    _ selection: KeySelection = .all,
    _ body: (_ key: RawSpan, _ value: RawSpan) throws -> Void
  ) throws {
    let cursor = makeCursor(selection)
    try beginLending()
    defer { endLending() }
    while let entry = unsafe try cursor.next() {
      // The pointers are good until the cursor moves or the transaction writes: not before `body` returns.
      if let bytes = unsafe entry.bytes {
        try body(unsafe entry.key.bytes, unsafe bytes.bytes)
      } else {
        let bytes = unsafe try decoded(entry)
        try body(unsafe entry.key.bytes, unsafe bytes.span.bytes)
      }
    }
  }

  /// Until the end of the loan the snapshot stays, and nothing is written in it.
  @usableFromInline
  func beginLending() throws {
    try beginUse()
    access.loans += 1
  }

  @usableFromInline
  func endLending() {
    access.loans -= 1
    endUse()
  }

  @usableFromInline
  func makeCursor(_ selection: KeySelection) -> EntryCursor { EntryCursor(access, binding, selection) }

  @usableFromInline
  func decoded(_ entry: EntryCursor.Lent) throws -> [UInt8] {
    unsafe try EntryReading.decode(
      [UInt8].self,
      from: entry.value,
      key: String(decoding: entry.key, as: UTF8.self),
      in: name
    )
  }

  /// Where the bytes under a key lie. Nil when the key is absent, or the value is not stored in one piece.
  @usableFromInline
  @specialized(where Access == Snapshot)
  func lentBytes(_ key: String) throws -> UnsafeRawBufferPointer? {
    let lent = unsafe try withEntry(key) { _, value in unsafe EntryReading.bytes(of: value) }
    return unsafe lent ?? nil
  }
}

extension Scope where Stored == [UInt8] {
  /// Lends the bytes under a key to `body`, without a copy. See ``ScopeView/withBytes(_:_:)``.
  public func withBytes<R>(_ key: String, _ body: (RawSpan) throws -> R) throws -> R? {
    let lent: R?? = unsafe try withEntry(key) { _, value in
      guard let bytes = unsafe EntryReading.bytes(of: value) else { return nil }
      return try body(unsafe bytes.bytes)
    }
    guard let lent else { return nil }
    if let lent { return lent }
    return try store.read { try $0[self].withBytes(key, body) }
  }
}

extension EntryCursor.Lent {
  /// Where the bytes lie, if the value is a byte string that is stored in one piece.
  @usableFromInline var bytes: UnsafeRawBufferPointer? { unsafe EntryReading.bytes(of: value) }
}

extension EntryReading {
  /// Where the bytes of a byte string lie, if they are stored in one piece.
  @inline(__always)
  static func bytes(of value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    // The commonest head: one byte for the length.
    if value.count >= 2, unsafe value[0] == 0x58, unsafe Int(value[1]) == value.count - 2 {
      return unsafe UnsafeRawBufferPointer(rebasing: value[2...])
    }
    var reader = unsafe CBORReader(value)
    guard let head = try? reader.readHead(), head.major == .bytes, !head.isIndefinite,
      head.argument == UInt64(reader.remaining)
    else { return nil }
    return unsafe UnsafeRawBufferPointer(rebasing: value[reader.offset...])
  }
}
