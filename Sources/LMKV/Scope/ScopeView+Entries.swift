internal import LMDB

// What all writing methods come down to.
extension ScopeView where Access == Transaction {
  /// Writes a value with an expiry.
  @inline(__always)
  func put<T: Encodable>(_ key: String, _ value: T, expires: ResolvedExpiry) throws {
    unsafe try key.withKeyBytes { bytes in
      let former = expires.needsFormer ? try header(key) : nil
      unsafe try write(bytes, key, value, expiry: expires.expiry(over: former), former: former?.expiry)
    }
  }

  /// Writes a value over an entry whose header has been read.
  func put<T: Encodable>(_ key: String, _ value: T, expires: ResolvedExpiry, over former: EntryHeader?) throws {
    unsafe try key.withKeyBytes { bytes in
      unsafe try write(bytes, key, value, expiry: expires.expiry(over: former), former: former?.expiry)
    }
  }

  /// Writes an entry: where values get into the store, but for those of large batches.
  ///
  /// - Parameter former: the expiry of the entry that is overwritten. If it is not known and stays in the index, it is
  ///   stale there and does no harm.
  @inline(__always)
  func write<T: Encodable>(
    _ bytes: UnsafeRawBufferPointer,
    _ key: String,
    _ value: T,
    expiry: Int64?,
    former: Int64?
  ) throws {
    try encode(value, for: key, expiry: expiry)
    unsafe try putWritten(bytes, expiry: expiry, former: former)
  }

  /// Puts an entry into the writer: header and value.
  @inline(__always)
  func encode<T: Encodable>(_ value: T, for key: String, expiry: Int64?) throws {
    let writer = access.writer
    writer.reset()
    let header = EntryHeader(revision: access.newRevision, expiry: expiry)
    header.write(to: writer)
    do {
      try writer.encode(value)
    } catch let error as EncodingError {
      throw LMKVError(.encodingFailed, "The value for \"\(key)\" cannot be stored: \(error).", cause: error)
    }
    let size = writer.count - header.size
    guard size <= access.store.configuration.maxValueSize else { throw tooLarge(key, size) }
  }

  /// Writes a value that was encoded elsewhere.
  func putEncoded(_ key: String, _ value: [UInt8], expires: ResolvedExpiry) throws {
    unsafe try key.withKeyBytes { bytes in
      let former = expires.needsFormer ? try header(key) : nil
      let expiry = expires.expiry(over: former)
      let writer = access.writer
      writer.reset()
      EntryHeader(revision: access.newRevision, expiry: expiry).write(to: writer)
      unsafe value.withUnsafeBytes { unsafe writer.append(raw: $0) }
      guard value.count <= access.store.configuration.maxValueSize else { throw tooLarge(key, value.count) }
      unsafe try putWritten(bytes, expiry: expiry, former: former?.expiry)
    }
  }

  /// Gives an entry another expiry, and leaves its value.
  func rewrite(_ key: String, _ former: EntryHeader, expiry: Int64?) throws {
    unsafe try key.withKeyBytes { bytes in
      let writer = access.writer
      writer.reset()
      EntryHeader(revision: access.newRevision, expiry: expiry).write(to: writer)
      unsafe try withEntry(key) { unsafe writer.append(raw: $1) }
      unsafe try putWritten(bytes, expiry: expiry, former: former.expiry)
    }
  }

  /// Puts what is in the writer, header and value, under a key.
  @inline(__always)
  private func putWritten(_ bytes: UnsafeRawBufferPointer, expiry: Int64?, former: Int64?) throws {
    try access.willWrite()
    try access.store.translatingErrors {
      let raw = unsafe try access.living()
      let database = try access.databaseForWriting(binding)
      unsafe try access.writer.withUnsafeBytes { unsafe try raw.put($0, for: bytes, in: database) }
      try access.didPut()
      if expiry != former { unsafe try access.moveExpiry(of: bytes, in: binding, from: former, to: expiry) }
    }
    access.didWrite()
  }

  /// Removes an entry that is there.
  func delete(_ key: String, _ header: EntryHeader) throws {
    try delete(key, expiry: header.expiry)
  }

  /// Removes an entry that is there, and its expiry from the index.
  func delete(_ key: String, expiry: Int64?) throws {
    try access.willWrite()
    try access.store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        _ = unsafe try access.withDatabase(binding) { raw, database in
          unsafe try raw.delete(bytes, in: database)
        }
        if let expiry { unsafe try access.moveExpiry(of: bytes, in: binding, from: expiry, to: nil) }
      }
    }
    access.didWrite()
  }

  private func tooLarge(_ key: String, _ size: Int) -> LMKVError {
    LMKVError(
      .valueTooLarge,
      "The value for \"\(key)\" has \(size) bytes; at most \(access.store.configuration.maxValueSize) are allowed. Split "
        + "it, or raise maxValueSize."
    )
  }
}

extension ScopeView {
  /// What removing an entry needs to know of it: its expiry, if that can be read. Nil when the key is absent.
  ///
  /// A damaged entry is there. What the index still has of it is stale, and does no harm.
  func place(_ key: String) throws -> (expiry: Int64?, Void)? {
    try access.store.translatingErrors {
      unsafe try key.withKeyBytes { bytes in
        let found: (expiry: Int64?, Void)?? = unsafe try access.withDatabase(binding) { raw, database in
          guard let entry = unsafe try raw.get(bytes, in: database) else { return nil }
          guard let header = unsafe EntryHeader(entry) else { return (nil, ()) }
          guard header.expiry == nil || !header.isExpired(at: access.now) else { return nil }
          return (header.expiry, ())
        }
        return found ?? nil
      }
    }
  }

  /// The header of a living entry.
  @inline(__always)
  func header(_ key: String) throws -> EntryHeader? {
    unsafe try withEntry(key) { header, _ in header }
  }

  /// A living entry as its header and its value, read as some type.
  @inline(__always)
  func found<T: Decodable>(_ key: String, as type: T.Type) throws -> (header: EntryHeader, value: T)? {
    unsafe try withEntry(key) { header, value in
      (header, unsafe try EntryReading.decode(type, from: value, key: key, in: name))
    }
  }
}
