internal import LMDBPlatform
internal import Synchronization

extension Environment {
  /// Makes the map large enough again after another process made the file outgrow it.
  ///
  /// All read transactions of this process must end for that; new ones wait meanwhile.
  func adoptLargerMap() throws(LMDBError) {
    let info = unsafe try Calls.info(handle)
    try resize(to: max(info.usedSize * 2, info.mapSize * 2), atLeast: info.usedSize, patience: configuration.patience)
  }

  /// Doubles the map before a write transaction when an address-space limit made it small and it is filling up.
  ///
  /// At half full this only happens when no reader is open; at nine tenths it waits for them.
  func growIfNeeded() throws(LMDBError) {
    let limit = EnvironmentOpening.largestMap(configuration)
    let size = mapSize.load(ordering: .relaxed)
    guard size < limit else { return }
    let used = unsafe try Calls.info(handle).usedSize
    guard used > size / 2 else { return }
    let isUrgent = used > size / 10 * 9
    do throws(LMDBError) {
      let wanted = min(size * 2, limit)
      try resize(to: wanted, atLeast: size, patience: isUrgent ? configuration.patience : 0)
    } catch {
      // A map that cannot grow still serves until it is full, and then says so.
      guard error.code.rawValue == ENOMEM || error.code.rawValue == EBUSY else { throw error }
    }
  }

  private func resize(to wanted: Int, atLeast needed: Int, patience: Double) throws(LMDBError) {
    let pageSize = unsafe try Calls.info(handle).pageSize
    var target = (min(wanted, EnvironmentOpening.largestMap(configuration)) / pageSize + 1) * pageSize
    // LMDB gives up the old map before it asks for the new one, so ask the system first.
    while !canMap(target) {
      target = target / 2 / pageSize * pageSize
      guard target > needed else { throw LMDBError(.init(rawValue: ENOMEM), "enlarge the map") }
    }
    let isDone = try readPool.withoutTransactions(patience: patience) { () throws(LMDBError) in
      guard target > mapSize.load(ordering: .relaxed) else { return }
      unsafe try Calls.setMapSize(handle, target)
      mapSize.store(target, ordering: .relaxed)
    }
    guard isDone else {
      throw LMDBError(.init(rawValue: EBUSY), "enlarge the map while read transactions are open")
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
