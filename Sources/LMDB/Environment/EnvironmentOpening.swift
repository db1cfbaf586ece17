internal import LMDBPlatform

/// Makes an open `MDB_env` out of a directory, with every precaution that LMDB leaves to its caller.
///
/// Called by the registry, which sees to it that no other thread opens or closes the files, under the ``OpenGuard``.
struct EnvironmentOpening {
  let layout: DirectoryLayout
  let configuration: Environment.Configuration
  /// Whether dead readers are swept here. A companion does it when it knows that it may.
  let sweepsReaders: Bool

  /// So much address space is reserved for the file, so that it rarely has to be mapped anew: a process can have a thousand
  /// environments open in half of its 128 TiB.
  static let reservation = 1 << 36
  /// No file becomes larger.
  private static let largestFile = 1 << 46

  @safe struct Opened: @unchecked Sendable {
    // Freshly made and handed over to one `Environment`, which is the only one to keep it.
    let handle: OpaquePointer
    let mapSize: Int
    let pageSize: Int
    let identity: DirectoryLayout.FileIdentity
    /// Reader slots that a process which is dead has left with our process ID.
    var staleSlots: [Int] = []
    /// Where a companion may ask for them.
    var readerSlots: ReaderSlots?
  }

  static let systemPageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// The largest size that the map may have.
  static func largestMap(_ configuration: Environment.Configuration) -> Int {
    guard configuration.limitsMap, let size = configuration.maxSize else { return largestFile }
    return max(size / systemPageSize, 16) * systemPageSize
  }

  /// The sizes of the map to try, the best one first.
  ///
  /// Where the address space is limited (`ulimit -v`) it is a modest one, which grows with the file: the largest that fits
  /// would leave nothing to the rest of the program.
  private func mapSizes() -> [Int] {
    let file = layout.dataSize
    let largest = Self.largestMap(configuration)
    let sizes = [max(Self.reservation, 4 * file), max(1 << 26, 2 * file), file + 1 << 24]
    return sizes.map { min(largest, $0) / Self.systemPageSize * Self.systemPageSize }
  }

  func open(_ openGuard: borrowing OpenGuard) throws(LMDBError) -> Opened {
    let isMarked = openGuard.isMarked
    let mayCreate = configuration.createsIfMissing && configuration.access == .readWrite
    let exists: Bool
    do throws(LMDBError) {
      exists = try FileHeader.check(layout.dataFile, mustExist: isMarked)
    } catch {
      let isDamage = error.code == .invalid || error.code == .truncated
      guard isDamage, !isMarked, mayCreate, try TornBeginning.clear(layout.dataFile) else { throw error }
      exists = false
    }
    if !exists {
      guard mayCreate else {
        throw LMDBError(.init(rawValue: ENOENT), "open \(layout.dataFile)")
      }
      try checkFreeSpace()
    }
    if configuration.access != .immutable { try layout.reserveLockFile(configuration) }
    let asksForSlots = !sweepsReaders && configuration.access != .immutable
    let readerSlots = asksForSlots ? ReaderSlots(layout.lockFile, maxReaders: configuration.maxReaders) : nil
    do throws(LMDBError) {
      var opened = try open(openGuard, readerSlots, exists: exists)
      if configuration.access == .readWrite { opened.readerSlots = readerSlots } else { readerSlots?.close() }
      return opened
    } catch {
      readerSlots?.close()
      throw error
    }
  }

  private func open(
    _ openGuard: borrowing OpenGuard,
    _ readerSlots: ReaderSlots?,
    exists: Bool
  ) throws(LMDBError) -> Opened {
    var handle = unsafe try openFittingMap()
    // A crashed process that had our process ID (containers reuse them) left reader slots that only we can clear, and
    // LMDB clears them when an environment that has read something closes.
    // With a companion that waits: one of them may be what somebody's transaction relies on.
    let hasStaleSlots = unsafe try closing(handle, onError: hasForeignSlots)
    let staleSlots = hasStaleSlots ? readerSlots?.stale ?? [] : []
    if hasStaleSlots, sweepsReaders {
      unsafe try closing(handle) { (handle) throws(LMDBError) in
        unsafe Calls.abort(try Calls.begin(handle, parent: nil, readOnly: true))
      }
      unsafe Calls.close(handle)
      unsafe handle = try openFittingMap()
    }
    do throws(LMDBError) {
      return unsafe try settleFirst(handle, openGuard, staleSlots)
    } catch {
      // The kernel may take for written what is not: what was begun here, and nobody has seen, must not be gone on with.
      if !exists { TornBeginning.discard(layout.dataFile) }
      throw error
    }
  }

  /// Settles a handle, and makes a new environment durable.
  private func settleFirst(
    _ handle: OpaquePointer,
    _ openGuard: borrowing OpenGuard,
    _ staleSlots: [Int]
  ) throws(LMDBError) -> Opened {
    let isMarked = openGuard.isMarked
    return unsafe try closing(handle) { (handle) throws(LMDBError) in
      var opened = unsafe try settle(handle)
      opened.staleSlots = staleSlots
      if !isMarked, configuration.access == .readWrite {
        // A mark that outlives a power failure must not outlive the file that it speaks of.
        try layout.syncAll()
        openGuard.mark()
      }
      return opened
    }
  }

  /// Opens files that exist and that nobody else opens.
  func openAlone() throws(LMDBError) -> Opened {
    guard try FileHeader.check(layout.dataFile, mustExist: true) else {
      throw LMDBError(.init(rawValue: ENOENT), "open \(layout.dataFile)")
    }
    let handle = unsafe try openFittingMap()
    return unsafe try closing(handle) { (handle) throws(LMDBError) in unsafe try settle(handle) }
  }

  /// Closes the handle if `body` throws.
  private func closing<R>(
    _ handle: OpaquePointer,
    onError body: (OpaquePointer) throws(LMDBError) -> R
  ) throws(LMDBError) -> R {
    do throws(LMDBError) {
      return unsafe try body(handle)
    } catch {
      unsafe Calls.close(handle)
      throw error
    }
  }

  private func openFittingMap() throws(LMDBError) -> OpaquePointer {
    var sizes = mapSizes()[...]
    while true {
      let handle = unsafe try Calls.createEnvironment()
      do throws(LMDBError) {
        unsafe try Calls.setLimits(
          handle,
          mapSize: sizes[sizes.startIndex],
          databases: configuration.maxDatabases,
          readers: configuration.maxReaders
        )
        unsafe try Calls.open(handle, path: layout.directory, flags: flags, mode: configuration.fileMode)
        return unsafe handle
      } catch {
        // After a failed open the handle is good for nothing but closing.
        unsafe Calls.close(handle)
        // A signal during the wait for LMDB's own file lock.
        if error.code.rawValue == EINTR { continue }
        guard error.code.rawValue == ENOMEM, sizes.count > 1 else { throw error }
        sizes = sizes.dropFirst()
      }
    }
  }

  private var flags: EnvironmentFlags {
    var flags = configuration.sync.flags.union(.noThreadLocalStorage)
    if configuration.access != .readWrite { flags.insert(.readOnly) }
    if configuration.access == .immutable { flags.insert(.noLock) }
    if !configuration.readsAhead { flags.insert(.noReadAhead) }
    return flags
  }

  /// What must hold before anybody uses the environment: descriptors, the main database, and a current snapshot.
  private func settle(_ handle: OpaquePointer) throws(LMDBError) -> Opened {
    let descriptor = unsafe try Calls.dataFileDescriptor(handle)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw LMDBError(.init(rawValue: errno), "open \(layout.dataFile)")
    }
    // The main database's comparison function is set by opening it once; without that LMDB crashes on the second put.
    let transaction = unsafe try Calls.begin(handle, parent: nil, readOnly: true)
    do throws(LMDBError) {
      _ = unsafe try Calls.openDatabase(transaction, name: nil, flags: [])
    } catch {
      unsafe Calls.abort(transaction)
      throw error
    }
    unsafe try Calls.commit(transaction)
    if sweepsReaders, configuration.access == .readWrite { _ = unsafe try Calls.sweepReaders(handle) }
    // LMDB makes the map larger than asked for when the file is.
    let info = unsafe try Calls.info(handle)
    return unsafe Opened(handle: handle, mapSize: info.mapSize, pageSize: info.pageSize, identity: .init(status))
  }

  private func hasForeignSlots(_ handle: OpaquePointer) throws(LMDBError) -> Bool {
    let own = getpid()
    let lines = unsafe try Calls.readerLines(handle)
    // On a read-only file system LMDB does without locks of its own accord.
    guard configuration.access == .immutable || lines != [Constants.noReaderLocks] else {
      throw LMDBError(.readOnlyFileSystem, "open \(layout.directory)")
    }
    return lines.contains { ReaderTable.parse($0)?.processID == own }
  }

  /// Creating on a full disk is a `SIGBUS` in LMDB.
  private func checkFreeSpace() throws(LMDBError) {
    var status = statvfs()
    guard unsafe statvfs(layout.directory, &status) == 0 else { return }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    guard free >= 1 << 20 else { throw LMDBError(.init(rawValue: ENOSPC), "create \(layout.dataFile)") }
  }
}
