internal import LMDBPlatform

/// What can be done with the directory of an environment that this process need not have open.
///
/// Removing and renaming hold the lock that every opening takes, so nobody opens meanwhile.
package struct EnvironmentFiles {
  private let layout: DirectoryLayout

  /// Every file that an environment's directory may have; another one is somebody else's.
  private static let names: Set<String> = [
    "data.mdb", "lock.mdb", "open.lock", "control", "checkpoint", "redo", "pages", "replaced", "trial",
  ]
  /// Directories that it may have, with the same files in them: what was put aside.
  private static let directories: Set<String> = ["before-recovery", "before-recovery.part"]

  package init(directory: String) {
    layout = DirectoryLayout(directory: directory)
  }

  /// Whether there is a data file.
  package var exist: Bool { layout.identity() != nil }

  /// The size of the data file, in bytes.
  package var dataSize: Int? {
    var status = stat()
    return unsafe stat(layout.dataFile, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Something in the directory that is no part of an environment. Nil when there is nothing of that kind.
  package func foreignFile() throws(LMDBError) -> String? {
    for name in try contents(of: layout.directory) where !Self.names.contains(name) {
      guard Self.directories.contains(name) else { return name }
      let inner = EnvironmentFiles(directory: "\(layout.directory)/\(name)")
      if let other = try inner.foreignFile() { return "\(name)/\(other)" }
    }
    return nil
  }

  /// Whether a process has the environment open. Takes no lock.
  package func areInUse() throws(LMDBError) -> Bool {
    try UseLock.isTaken(layout.directory)
  }

  /// Throws what opening the environment would say of the beginning and the length of the data file.
  package func checkHeader() throws(LMDBError) {
    _ = try FileHeader.check(layout.dataFile, mustExist: true)
  }

  /// The values of keys as of one commit, read without LMDB: nothing is opened, locked or created.
  package func values(of keys: [(database: String?, key: [UInt8])]) throws(LMDBError) -> [[UInt8]?] {
    try FileLookup.values(of: keys, inFile: layout.dataFile)
  }

  /// Runs `body` while nobody opens or closes the environment, and nobody has it open.
  ///
  /// - Throws: ``LMDBError`` with `EBUSY` while a process has it open; other LMDB programs do not count.
  package func whileUnused<R>(_ body: (OpeningWork) throws -> R) throws -> R {
    let openGuard = try guardUnused(force: false)
    let result = Result { try body(openGuard.work) }
    _ = openGuard
    return try result.get()
  }

  /// Gives the directory another path on the same file system, where nothing is yet.
  ///
  /// - Throws: ``LMDBError`` with `EBUSY` while a process has the environment open, `EEXIST` where something is.
  package func move(to path: String) throws(LMDBError) {
    let openGuard = try guardUnused(force: false)
    try rename(to: path)
    try syncParents(path)
    _ = openGuard
  }

  /// Removes the environment for good.
  ///
  /// It vanishes at once, under its name, and its files afterwards, under the name `trash`; a process that is killed
  /// in between leaves those, for ``removeTrash(_:)``.
  ///
  /// - Parameter force: whether to do so while processes have it open. They keep what they have until they close it,
  ///   and nobody else ever sees what they write.
  /// - Throws: ``LMDBError`` with `EBUSY` while a process has the environment open, and with `ENOTEMPTY` where the
  ///   directory holds something else.
  package func remove(force: Bool, trash: String) throws(LMDBError) {
    let openGuard = try guardUnused(force: force)
    if let other = try foreignFile() {
      throw LMDBError(.init(rawValue: ENOTEMPTY), "remove \(layout.directory), which holds \(other)")
    }
    try rename(to: trash)
    try syncParents(trash)
    _ = openGuard
    try Self.removeTrash(trash)
  }

  /// Removes what an earlier, interrupted ``remove(force:trash:)`` left.
  package static func removeTrash(_ directory: String) throws(LMDBError) {
    for name in directories {
      let inner = "\(directory)/\(name)"
      if unsafe access(inner, F_OK) == 0 { try removeTrash(inner) }
    }
    for name in names {
      let path = "\(directory)/\(name)"
      guard unsafe unlink(path) == 0 || errno == ENOENT else {
        throw LMDBError(.init(rawValue: errno), "remove \(path)")
      }
    }
    guard unsafe rmdir(directory) == 0 || errno == ENOENT else {
      throw LMDBError(.init(rawValue: errno), "remove \(directory)")
    }
  }

  private func guardUnused(force: Bool) throws(LMDBError) -> OpenGuard {
    guard exist else { throw LMDBError(.init(rawValue: ENOENT), "open \(layout.dataFile)") }
    let openGuard = try OpenGuard(layout, Environment.Configuration(), creates: true)
    if !force, try areInUse() { throw LMDBError(.init(rawValue: EBUSY), "change \(layout.directory)") }
    return openGuard
  }

  /// Renames the directory to a path where nothing is: `rename` replaces an empty directory, and only that, so one is
  /// made first, which fails where something is.
  private func rename(to path: String) throws(LMDBError) {
    guard unsafe mkdir(path, 0o700) == 0 else { throw LMDBError(.init(rawValue: errno), "create \(path)") }
    guard unsafe LMDBPlatform.rename(layout.directory, path) == 0 else {
      let cause = errno
      _ = unsafe rmdir(path)
      throw LMDBError(.init(rawValue: cause == ENOTEMPTY ? EEXIST : cause), "rename \(layout.directory) to \(path)")
    }
  }

  private func syncParents(_ path: String) throws(LMDBError) {
    for parent in Set([layout.directory, path].map { ExactString(Self.parent(of: $0)) }).map(\.text) {
      try syncDirectory(parent)
    }
  }

  private static func parent(of path: String) -> String {
    // By bytes: to `String` a slash and a combining accent behind it are one character.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The names in a directory, but for `.` and `..`.
package func contents(of directory: String) throws(LMDBError) -> [String] {
  guard let stream = unsafe opendir(directory) else { throw LMDBError(.init(rawValue: errno), "list \(directory)") }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  errno = 0
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
    errno = 0
  }
  guard errno == 0 else { throw LMDBError(.init(rawValue: errno), "list \(directory)") }
  return names
}
