internal import CLMDB
internal import LMDBPlatform

/// Each function of LMDB that is used, once: pointers and numbers in, a Swift value or an `LMDBError` out.
///
/// No policy and no state: who may call what, when and on which thread is decided above.
@unsafe enum Calls {
  static func describe(_ code: Int32) -> String {
    unsafe String(cString: mdb_strerror(code))
  }

  @inline(__always)
  static func check(_ code: Int32, _ context: @autoclosure () -> String = "") throws(LMDBError) {
    guard code == MDB_SUCCESS else { throw LMDBError(answer: code, context()) }
  }

  #if os(Linux)
    static func fileSystemType(_ path: String) -> UInt32 {
      unsafe clmdb_file_system_type(path)
    }
  #endif

  /// EINVAL is what LMDB answers to a database that the transaction does not know.
  private static func databaseError(_ code: Int32, _ context: String) -> LMDBError {
    code == EINVAL ? LMDBError(.databaseNewerThanTransaction, context) : LMDBError(answer: code, context)
  }

  // MARK: Environment

  static func createEnvironment() throws(LMDBError) -> OpaquePointer {
    var environment: OpaquePointer?
    unsafe try check(mdb_env_create(&environment), "create an environment")
    guard let environment = unsafe environment else {
      throw LMDBError(.init(rawValue: ENOMEM), "create an environment")
    }
    return unsafe environment
  }

  static func setLimits(
    _ environment: OpaquePointer,
    mapSize: Int,
    databases: Int,
    readers: Int
  ) throws(LMDBError) {
    unsafe try check(mdb_env_set_mapsize(environment, mapSize), "set the map's size")
    unsafe try check(mdb_env_set_maxdbs(environment, UInt32(clamping: databases)), "set the number of databases")
    unsafe try check(mdb_env_set_maxreaders(environment, UInt32(clamping: readers)), "set the number of readers")
  }

  static func open(
    _ environment: OpaquePointer,
    path: String,
    flags: EnvironmentFlags,
    mode: UInt32
  ) throws(LMDBError) {
    unsafe try check(mdb_env_open(environment, path, flags.rawValue, mdb_mode_t(mode)), "open \(path)")
  }

  static func close(_ environment: OpaquePointer) {
    unsafe mdb_env_close(environment)
  }

  static func dataFileDescriptor(_ environment: OpaquePointer) throws(LMDBError) -> Int32 {
    var descriptor: mdb_filehandle_t = -1
    unsafe try check(mdb_env_get_fd(environment, &descriptor))
    return descriptor
  }

  static func setFlags(_ environment: OpaquePointer, _ flags: EnvironmentFlags, on: Bool) throws(LMDBError) {
    unsafe try check(mdb_env_set_flags(environment, flags.rawValue, on ? 1 : 0))
  }

  static func setMapSize(_ environment: OpaquePointer, _ size: Int) throws(LMDBError) {
    unsafe try check(mdb_env_set_mapsize(environment, size), "change the map's size")
  }

  static func sync(_ environment: OpaquePointer) throws(LMDBError) {
    unsafe try check(mdb_env_sync(environment, 1), "sync the environment")
  }

  static func copy(_ environment: OpaquePointer, to descriptor: Int32, compacting: Bool) throws(LMDBError) {
    let flags = compacting ? UInt32(MDB_CP_COMPACT) : 0
    unsafe try check(mdb_env_copyfd2(environment, descriptor, flags), "copy the environment")
  }

  static func info(_ environment: OpaquePointer) throws(LMDBError) -> Environment.Info {
    var info = unsafe MDB_envinfo()
    unsafe try check(mdb_env_info(environment, &info))
    var statistics = MDB_stat()
    unsafe try check(mdb_env_stat(environment, &statistics))
    return unsafe Environment.Info(
      mapSize: Int(info.me_mapsize),
      pageSize: Int(statistics.ms_psize),
      lastPage: Int(info.me_last_pgno),
      lastTransactionID: UInt64(info.me_last_txnid),
      maxReaders: Int(info.me_maxreaders),
      usedReaderSlots: Int(info.me_numreaders)
    )
  }

  static func lastPage(_ environment: OpaquePointer) -> UInt64 {
    var info = unsafe MDB_envinfo()
    // Fails only for a missing argument.
    unsafe _ = mdb_env_info(environment, &info)
    return unsafe UInt64(info.me_last_pgno)
  }

  static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    unsafe _ = mdb_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  static func maxKeySize(_ environment: OpaquePointer) -> Int {
    unsafe Int(mdb_env_get_maxkeysize(environment))
  }

  static func sweepReaders(_ environment: OpaquePointer) throws(LMDBError) -> Int {
    var swept: Int32 = 0
    unsafe try check(mdb_reader_check(environment, &swept), "sweep dead readers")
    return Int(swept)
  }

  /// The reader table as `mdb_reader_list` prints it.
  static func readerLines(_ environment: OpaquePointer) throws(LMDBError) -> [String] {
    var lines: [String] = []
    let code = unsafe withUnsafeMutablePointer(to: &lines) { lines in
      // The callback is called only during this call, so the pointer to `lines` is valid in it.
      unsafe mdb_reader_list(
        environment,
        { text, context in
          if let text = unsafe text, let context = unsafe context {
            unsafe context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          }
          return 0
        },
        lines
      )
    }
    guard code >= 0 else { throw LMDBError(.init(rawValue: code), "list the readers") }
    return lines
  }

  // MARK: Transactions

  static func begin(
    _ environment: OpaquePointer,
    parent: OpaquePointer?,
    readOnly: Bool
  ) throws(LMDBError) -> OpaquePointer {
    var transaction: OpaquePointer?
    let code = unsafe mdb_txn_begin(environment, parent, readOnly ? UInt32(MDB_RDONLY) : 0, &transaction)
    unsafe try check(code, "begin a transaction")
    guard let transaction = unsafe transaction else { throw LMDBError(.badTransaction, "begin a transaction") }
    return unsafe transaction
  }

  static func renew(_ transaction: OpaquePointer) throws(LMDBError) {
    unsafe try check(mdb_txn_renew(transaction), "begin a transaction")
  }

  static func reset(_ transaction: OpaquePointer) {
    unsafe mdb_txn_reset(transaction)
  }

  static func commit(_ transaction: OpaquePointer) throws(LMDBError) {
    // So that one of an earlier failure is not taken for that of this call.
    errno = 0
    unsafe try check(mdb_txn_commit(transaction), "commit")
  }

  static func abort(_ transaction: OpaquePointer) {
    unsafe mdb_txn_abort(transaction)
  }

  static func transactionID(_ transaction: OpaquePointer) -> UInt64 {
    unsafe UInt64(mdb_txn_id(transaction))
  }

  // MARK: Databases

  /// Opens a named database, or the main one for nil. Nil when it does not exist.
  static func openDatabase(
    _ transaction: OpaquePointer,
    name: String?,
    flags: DatabaseFlags
  ) throws(LMDBError) -> UInt32? {
    var handle: MDB_dbi = 0
    let code =
      if let name {
        unsafe mdb_dbi_open(transaction, name, flags.rawValue, &handle)
      } else {
        unsafe mdb_dbi_open(transaction, nil, flags.rawValue, &handle)
      }
    if code == MDB_NOTFOUND { return nil }
    unsafe try check(code, "open the database \"\(name ?? "main")\"")
    return handle
  }

  static func flags(_ transaction: OpaquePointer, _ database: UInt32) throws(LMDBError) -> DatabaseFlags {
    var flags: UInt32 = 0
    let code = unsafe mdb_dbi_flags(transaction, database, &flags)
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "use a database")
    }
    return DatabaseFlags(rawValue: flags)
  }

  static func flags(ofCursor cursor: OpaquePointer) throws(LMDBError) -> DatabaseFlags {
    guard let transaction = unsafe mdb_cursor_txn(cursor) else { throw LMDBError(.badTransaction, "use a cursor") }
    return unsafe try flags(transaction, mdb_cursor_dbi(cursor))
  }

  static func statistics(_ transaction: OpaquePointer, _ database: UInt32) throws(LMDBError) -> Database.Statistics {
    var statistics = MDB_stat()
    let code = unsafe mdb_stat(transaction, database, &statistics)
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "use a database")
    }
    return Database.Statistics(
      entries: Int(statistics.ms_entries),
      depth: Int(statistics.ms_depth),
      branchPages: Int(statistics.ms_branch_pages),
      leafPages: Int(statistics.ms_leaf_pages),
      overflowPages: Int(statistics.ms_overflow_pages),
      pageSize: Int(statistics.ms_psize)
    )
  }

  static func empty(_ transaction: OpaquePointer, _ database: UInt32) throws(LMDBError) {
    let code = unsafe mdb_drop(transaction, database, 0)
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "empty a database")
    }
  }

  // MARK: Entries

  @inline(__always)
  static func get(
    _ transaction: OpaquePointer,
    _ database: UInt32,
    _ key: UnsafeRawBufferPointer
  ) throws(LMDBError) -> UnsafeRawBufferPointer? {
    var key = unsafe MDB_val(key)
    var value = unsafe MDB_val()
    let code = unsafe mdb_get(transaction, database, &key, &value)
    if code == MDB_SUCCESS { return unsafe UnsafeRawBufferPointer(value) }
    // An empty key is refused, but one that cannot exist is just absent, like one that is too long.
    if code == MDB_NOTFOUND || code == MDB_BAD_VALSIZE { return nil }
    throw unsafe databaseError(code, "get")
  }

  @inline(__always)
  static func put(
    _ transaction: OpaquePointer,
    _ database: UInt32,
    _ key: UnsafeRawBufferPointer,
    _ value: UnsafeRawBufferPointer,
    _ flags: WriteFlags
  ) throws(LMDBError) {
    guard value.count <= Constants.maxValueSize else { throw LMDBError(.badValueSize, "put") }
    var key = unsafe MDB_val(key)
    var value = unsafe MDB_val(value)
    let code = unsafe mdb_put(transaction, database, &key, &value, flags.rawValue)
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "put")
    }
  }

  /// Room for a value of `size` bytes, to be filled before the next call on the transaction.
  @inline(__always)
  static func reserve(
    _ transaction: OpaquePointer,
    _ database: UInt32,
    _ key: UnsafeRawBufferPointer,
    size: Int,
    _ flags: WriteFlags
  ) throws(LMDBError) -> UnsafeMutableRawBufferPointer {
    guard size <= Constants.maxValueSize else { throw LMDBError(.badValueSize, "put") }
    var key = unsafe MDB_val(key)
    var value = unsafe MDB_val(mv_size: size, mv_data: nil)
    let code = unsafe mdb_put(transaction, database, &key, &value, flags.union(.reserve).rawValue)
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "put")
    }
    return unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: value.mv_size)
  }

  /// Whether there was something to delete. With a `value`, only that duplicate of the key goes.
  static func delete(
    _ transaction: OpaquePointer,
    _ database: UInt32,
    _ key: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer?
  ) throws(LMDBError) -> Bool {
    var key = unsafe MDB_val(key)
    let code: Int32
    if let value = unsafe value {
      var value = unsafe MDB_val(value)
      code = unsafe mdb_del(transaction, database, &key, &value)
    } else {
      code = unsafe mdb_del(transaction, database, &key, nil)
    }
    if code == MDB_NOTFOUND || code == MDB_BAD_VALSIZE { return false }
    guard code == MDB_SUCCESS else {
      throw unsafe databaseError(code, "delete")
    }
    return true
  }

  // MARK: Cursors

  static func openCursor(_ transaction: OpaquePointer, _ database: UInt32) throws(LMDBError) -> OpaquePointer {
    var cursor: OpaquePointer?
    let code = unsafe mdb_cursor_open(transaction, database, &cursor)
    guard code == MDB_SUCCESS, let cursor = unsafe cursor else {
      throw unsafe databaseError(code, "open a cursor")
    }
    return unsafe cursor
  }

  static func closeCursor(_ cursor: OpaquePointer) {
    unsafe mdb_cursor_close(cursor)
  }

  /// Moves the cursor. Nil past the end, or where nothing fits.
  @inline(__always)
  static func move(
    _ cursor: OpaquePointer,
    _ move: CursorMove,
    key: UnsafeRawBufferPointer? = nil,
    value: UnsafeRawBufferPointer? = nil
  ) throws(LMDBError) -> RawEntry? {
    var key = unsafe key.map { unsafe MDB_val($0) } ?? MDB_val()
    var value = unsafe value.map { unsafe MDB_val($0) } ?? MDB_val()
    let code = unsafe mdb_cursor_get(cursor, &key, &value, move.operation)
    if code == MDB_SUCCESS {
      return unsafe RawEntry(key: UnsafeRawBufferPointer(key), value: UnsafeRawBufferPointer(value))
    }
    // EINVAL is what LMDB answers to a move from the current entry of a cursor that stands nowhere.
    if code == MDB_NOTFOUND || code == EINVAL || code == MDB_BAD_VALSIZE { return nil }
    throw LMDBError(.init(rawValue: code), "move a cursor")
  }

  static func put(
    _ cursor: OpaquePointer,
    key: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer,
    _ flags: WriteFlags
  ) throws(LMDBError) {
    guard value.count <= Constants.maxValueSize else { throw LMDBError(.badValueSize, "put at a cursor") }
    var key = unsafe MDB_val(key)
    var value = unsafe MDB_val(value)
    unsafe try check(mdb_cursor_put(cursor, &key, &value, flags.rawValue), "put at a cursor")
  }

  static func delete(_ cursor: OpaquePointer, _ flags: WriteFlags) throws(LMDBError) {
    unsafe try check(mdb_cursor_del(cursor, flags.rawValue), "delete at a cursor")
  }

  static func countDuplicates(_ cursor: OpaquePointer) throws(LMDBError) -> Int {
    var count = 0
    unsafe try check(mdb_cursor_count(cursor, &count), "count duplicates")
    return count
  }
}

/// A key and its value, as pointers into the map.
@unsafe package struct RawEntry {
  package let key: UnsafeRawBufferPointer
  package let value: UnsafeRawBufferPointer
}

extension LMDBError {
  /// What a code says, right behind the call that answered it.
  ///
  /// LMDB answers EIO, too, when the file takes only a part of what is written, as it does where there is no room for the rest,
  /// or under a limit on the size of files. The system itself says EIO in `errno`.
  fileprivate init(answer code: Int32, _ context: String) {
    self.init(.init(rawValue: code == EIO && errno != EIO ? ENOSPC : code), context)
  }
}

extension MDB_val {
  @inline(__always)
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  fileprivate init(_ value: MDB_val) {
    unsafe self.init(start: value.mv_data, count: value.mv_size)
  }
}
