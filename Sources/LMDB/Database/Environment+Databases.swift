extension Environment {
  /// The main database, which has no name. When the environment has named databases their names are its keys: leave it
  /// alone then.
  public var mainDatabase: Database {
    database(1, nil)
  }

  /// Opens a named database that exists. Nil when it does not.
  ///
  /// Open databases once and keep the values. A transaction that is open already does not know a database that is
  /// opened after it began. Waits while a write transaction of this process runs.
  ///
  /// - Throws: ``LMDBError`` with `databasesFull` when `maxDatabases` are open, `openingInsideWrite` on a thread that
  ///   is inside a write transaction.
  ///
  /// LMDB: `mdb_dbi_open`.
  public func openDatabase(_ name: String) throws(LMDBError) -> Database? {
    guard !isForked else { throw LMDBError(.forked, "open the database \"\(name)\"") }
    try DatabaseName.check(name)
    return try handles.open(name, in: self).map { database($0, name) }
  }

  /// The database of that name if this process has opened it. Costs no transaction.
  package func openedDatabase(_ name: String) -> Database? {
    handles.number(of: name).map { database($0, name) }
  }

  /// Changes when this process has opened databases: a snapshot that began before does not know them.
  package var openedHandles: Int { handles.openings }

  /// Whether a write transaction of this process runs, for which who opens a database waits.
  package var isWriting: Bool { handles.isWriting }

  /// The name of a database that this process has opened, or that its write transaction has.
  package func databaseName(_ number: UInt32) -> String? {
    (isWritingOnThisThread ? openedDatabases.name(of: number) : nil) ?? handles.name(of: number)
  }

  fileprivate func database(_ number: UInt32, _ name: String?) -> Database {
    Database(
      number: number,
      generation: handles.generation(of: number),
      environment: ObjectIdentifier(self),
      name: name
    )
  }

  /// The names of all named databases.
  public func databaseNames() throws(LMDBError) -> [String] {
    try read { (transaction) throws(LMDBError) -> [String] in
      let cursor = unsafe try RawCursor(transaction.raw, 1)
      defer { unsafe cursor.close() }
      var names: [String] = []
      var entry = unsafe try cursor.move(.first)
      while let current = unsafe entry {
        // A name is stored as C's string without its zero; the record of a database has 48 bytes.
        let bytes = unsafe current.key
        if unsafe current.value.count == 48, unsafe !bytes.contains(0) {
          names.append(unsafe String(decoding: bytes, as: UTF8.self))
        }
        unsafe entry = try cursor.move(.next)
      }
      return names
    }
  }
}

extension WriteTransaction {
  /// Opens a named database, and creates it when it does not exist.
  ///
  /// A database that is created in a transaction exists for others when that commits, and not at all otherwise: using it
  /// then throws `badDatabase`.
  ///
  /// The options must be the ones that it was created with; another set throws `incompatible`.
  ///
  /// LMDB: `mdb_dbi_open` with `MDB_CREATE`.
  public borrowing func createDatabase(
    _ name: String,
    _ options: Database.Options = []
  ) throws(LMDBError) -> Database {
    guard let database = try open(name, DatabaseFlags(rawValue: options.rawValue).union(.create)) else {
      throw LMDBError(.notFound, "create the database \"\(name)\"")
    }
    let stored = unsafe try Calls.flags(raw.pointer, database.number)
    guard stored.rawValue == options.rawValue else {
      throw LMDBError(.incompatible, "open the database \"\(name)\"")
    }
    return database
  }

  /// Opens a named database that exists. Nil when it does not.
  public borrowing func openDatabase(_ name: String) throws(LMDBError) -> Database? {
    try open(name, [])
  }

  private borrowing func open(_ name: String, _ flags: DatabaseFlags) throws(LMDBError) -> Database? {
    try DatabaseName.check(name)
    let access = access
    let environment = access.environment
    let number: UInt32
    if let known = opened.number(of: name) ?? environment.handles.number(of: name) {
      number = known
    } else {
      try environment.configuration.databaseQuota?.check(name, beside: environment.handles.names + opened.names)
      guard let new = unsafe try Calls.openDatabase(access.raw.pointer, name: name, flags: flags) else { return nil }
      opened.add(name, new)
      number = new
    }
    return environment.database(number, name)
  }
}

enum DatabaseName {
  static func check(_ name: String) throws(LMDBError) {
    guard (1...511).contains(name.utf8.count), !name.utf8.contains(0) else {
      throw LMDBError(.badValueSize, "open the database \"\(name)\"")
    }
  }
}
