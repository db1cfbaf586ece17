internal import LMDBPlatform

/// Looks keys up in a data file with plain reads: nothing is opened by LMDB, locked, mapped or created.
///
/// All values come from one commit. No reader's slot protects its pages, but LMDB does not use a page again before the
/// second commit after the one that freed it; so what was read is right if at most one commit has happened meanwhile,
/// and is read again otherwise. The commit may be one that is just being made durable, which readers do not see yet.
struct FileLookup {
  private static let headerSize = 16
  private static let branch: UInt16 = 0x01
  private static let leaf: UInt16 = 0x02
  private static let bigData: UInt16 = 0x01
  private static let subDatabase: UInt16 = 0x02
  private static let noPage = UInt64.max
  private static let deepest = 32
  private static let attempts = 1_000

  private let path: String
  private let descriptor: Int32
  private let pageSize: Int

  /// The values of keys, nil for absent ones. A nil database is the main one.
  static func values(
    of keys: [(database: String?, key: [UInt8])],
    inFile path: String
  ) throws(LMDBError) -> [[UInt8]?] {
    guard try FileHeader.check(path, mustExist: false) else {
      throw LMDBError(.init(rawValue: ENOENT), "open \(path)")
    }
    let descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(path)") }
    defer { _ = close(descriptor) }
    let first = try FileBytes.read(descriptor, path, at: 0, count: Meta.size)
    let lookup = FileLookup(path: path, descriptor: descriptor, pageSize: Int(first.load(40, as: UInt32.self)))
    return try lookup.values(of: keys)
  }

  private func values(of keys: [(database: String?, key: [UInt8])]) throws(LMDBError) -> [[UInt8]?] {
    var attempt = 0
    while true {
      let before = try newestMeta()
      let result: Result<[[UInt8]?], LMDBError>
      do throws(LMDBError) {
        var values: [[UInt8]?] = []
        for (database, key) in keys { values.append(try value(of: key, in: database, before)) }
        result = .success(values)
      } catch {
        result = .failure(error)
      }
      let after = try newestMeta()
      let isUntouched = after.bytes == before.bytes || (after.id == before.id + 1 && after.other == before.bytes)
      if isUntouched { return try result.get() }
      attempt += 1
      guard attempt < Self.attempts else { throw LMDBError(.init(rawValue: EBUSY), "read \(path)") }
    }
  }

  // MARK: Header pages

  private struct Meta {
    static let size = 152
    let bytes: FileBytes
    let other: FileBytes

    var id: UInt64 { bytes.load(144, as: UInt64.self) }
    var mainRoot: UInt64 { bytes.load(128, as: UInt64.self) }
  }

  private func newestMeta() throws(LMDBError) -> Meta {
    let first = try FileBytes.read(descriptor, path, at: 0, count: Meta.size)
    let second = try FileBytes.read(descriptor, path, at: pageSize, count: Meta.size)
    let isFirst = first.load(144, as: UInt64.self) >= second.load(144, as: UInt64.self)
    return isFirst ? Meta(bytes: first, other: second) : Meta(bytes: second, other: first)
  }

  // MARK: The tree

  private func value(of key: [UInt8], in database: String?, _ meta: Meta) throws(LMDBError) -> [UInt8]? {
    guard let database else { return try find(key, from: meta.mainRoot)?.data }
    guard let record = try find(Array(database.utf8), from: meta.mainRoot) else { return nil }
    guard record.flags & Self.subDatabase != 0, record.data.count == 48 else { throw damaged }
    return try find(key, from: FileBytes(bytes: record.data).load(40, as: UInt64.self))?.data
  }

  private func find(_ key: [UInt8], from root: UInt64) throws(LMDBError) -> (data: [UInt8], flags: UInt16)? {
    guard root != Self.noPage else { return nil }
    var number = root
    for _ in 0..<Self.deepest {
      let page = try page(number)
      let flags = page.load(10, as: UInt16.self)
      let end = Int(page.load(12, as: UInt16.self))
      guard end >= Self.headerSize, end <= pageSize else { throw damaged }
      let slots = stride(from: Self.headerSize, to: end, by: 2).map { Int(page.load($0, as: UInt16.self)) }
      if flags & Self.branch != 0 {
        // The first key of a branch page stands for everything before the second.
        guard let first = slots.first else { throw damaged }
        var child = first
        for node in slots.dropFirst() where try !key.lexicographicallyPrecedes(self.key(of: node, in: page)) {
          child = node
        }
        number = UInt64(size(of: child, in: page)) | UInt64(page.load(child + 4, as: UInt16.self)) << 32
      } else if flags & Self.leaf != 0 {
        for node in slots where try self.key(of: node, in: page).elementsEqual(key) {
          return (try data(of: node, in: page), page.load(node + 4, as: UInt16.self))
        }
        return nil
      } else {
        throw damaged
      }
    }
    throw damaged
  }

  private func page(_ number: UInt64) throws(LMDBError) -> FileBytes {
    guard number < UInt64(Int.max / pageSize) else { throw damaged }
    let page = try FileBytes.read(descriptor, path, at: Int(number) * pageSize, count: pageSize)
    guard page.load(0, as: UInt64.self) == number else { throw damaged }
    return page
  }

  private func size(of node: Int, in page: FileBytes) -> Int {
    Int(page.load(node, as: UInt16.self)) | Int(page.load(node + 2, as: UInt16.self)) << 16
  }

  private func key(of node: Int, in page: FileBytes) throws(LMDBError) -> ArraySlice<UInt8> {
    let start = node + 8
    let end = start + Int(page.load(node + 6, as: UInt16.self))
    guard end <= pageSize else { throw damaged }
    return page.bytes[start..<end]
  }

  private func data(of node: Int, in page: FileBytes) throws(LMDBError) -> [UInt8] {
    let start = node + 8 + Int(page.load(node + 6, as: UInt16.self))
    let size = size(of: node, in: page)
    // What is looked up this way is small; LMDB keeps that beside its key.
    guard page.load(node + 4, as: UInt16.self) & Self.bigData == 0, start + size <= pageSize else { throw damaged }
    return Array(page.bytes[start..<start + size])
  }

  private var damaged: LMDBError { LMDBError(.corrupted, "read \(path)") }
}

/// Bytes of a file, and little-endian numbers in them.
private struct FileBytes: Equatable {
  let bytes: [UInt8]

  static func read(_ descriptor: Int32, _ path: String, at offset: Int, count: Int) throws(LMDBError) -> FileBytes {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, count, off_t(offset)) }
    guard got == count else { throw LMDBError(got < 0 ? .init(rawValue: errno) : .truncated, "read \(path)") }
    return FileBytes(bytes: bytes)
  }

  /// Out of bounds is zero, so that a damaged page leads to an error above, not to a trap.
  func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
    let size = MemoryLayout<T>.size
    guard offset >= 0, offset + size <= bytes.count else { return 0 }
    return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | T($1) }
  }
}
