internal import LMDBPlatform
internal import Synchronization

// LMDB gives up its map to make it larger, so no transaction of this process may be open then. A map is therefore far larger
// than the file, and grows long before it is full, in a moment when nobody uses it.
extension Environment {
  /// Makes the map large enough again after another process made the file outgrow it.
  ///
  /// - Parameter patience: for how many seconds to wait until all transactions of this process have ended. New ones wait
  ///   meanwhile.
  /// - Throws: ``LMDBError`` with `mapInUse` when they have not.
  package func adoptLargerMap(patience: Double) throws(LMDBError) {
    let info = try info()
    try resize(to: info.usedSize * 2, atLeast: info.usedSize, patience: patience)
  }

  /// Doubles the map when it is filling up. To be called by whoever is about to write, before he has any lock.
  ///
  /// At half full this only happens when no reader is open; at nine tenths it waits for them, but not for long, since
  /// this very thread may be reading.
  ///
  /// - Parameter mayWait: whether it waits for readers at all.
  package func growIfNeeded(mayWait: Bool = true) throws(LMDBError) {
    let size = mapSize.load(ordering: .relaxed)
    guard size < largestMap else { return }
    // To look costs as much as a lock, and a large map is not filled by a few transactions.
    let isLarge = size >= EnvironmentOpening.reservation
    guard !isLarge || growthLooks.wrappingAdd(1, ordering: .relaxed).newValue % 64 == 0 else { return }
    let used = try info().usedSize
    guard used > size / 2 else { return }
    let isUrgent = mayWait && used > size / 10 * 9
    do throws(LMDBError) {
      try resize(to: size * 2, atLeast: size, patience: isUrgent ? min(configuration.patience, 1) : 0)
    } catch {
      // A map that cannot grow still serves until it is full, and then says so.
      guard error.code.rawValue == ENOMEM || error.code == .mapInUse else { throw error }
    }
  }

  /// Makes the map as large as wanted if the limits allow it, and as needed whatever they say, because the file is.
  private func resize(to wanted: Int, atLeast needed: Int, patience: Double) throws(LMDBError) {
    let pageSize = EnvironmentOpening.systemPageSize
    let least = (needed + pageSize - 1) / pageSize * pageSize
    var target = max(min(wanted, largestMap) / pageSize * pageSize, least)
    // LMDB gives up the old map before it asks for the new one, so ask the system first.
    while !canMap(target) {
      guard target > least else {
        throw LMDBError(.init(rawValue: ENOMEM), "map \(needed) bytes of \(layout.dataFile)")
      }
      target = max(target / 2 / pageSize * pageSize, least)
    }
    let isDone = try readPool.withoutUsers(patience: patience) { () throws(LMDBError) in
      guard target > mapSize.load(ordering: .relaxed) else { return }
      unsafe try Calls.setMapSize(handle, target)
      mapSize.store(target, ordering: .relaxed)
    }
    guard isDone else {
      throw LMDBError(.mapInUse, "map \(needed) bytes of \(layout.dataFile), where \(mapBytes) are mapped")
    }
  }

  private func canMap(_ size: Int) -> Bool {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = unsafe mmap(nil, size, PROT_NONE, flags, -1, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else { return false }
    unsafe munmap(address, size)
    return true
  }
}
