internal import LMDB
internal import Synchronization

/// A disk that is nearly full.
///
/// The log takes its room beforehand, up to 32 MiB. Where that is most of what is left, the store does without: it stays clean,
/// LMDB syncs each commit by itself, and the log gives its room back, so that there is some to remove entries with.
extension Persistence {
  /// Whether there is too little room for a log of any size.
  var isDiskNearlyFull: Bool {
    limits.freeSpace(directory) < limits.freeLogs * limits.smallestLog
  }

  /// Looks how much room there is. Where there is little, the next transaction makes the store clean.
  func noteRoom() {
    isRoomShort.store(isDiskNearlyFull, ordering: .relaxed)
  }

  /// Gives the log's room back if it is needed. The store is clean, so that nobody needs the log.
  func shrinkLog(_ files: Files, _ state: SharedState) {
    guard isRoomShort.load(ordering: .relaxed) || isDiskNearlyFull else { return }
    // It is taken again when there is room.
    if files.redo.release() { state[.redoCapacity] = 0 }
  }
}
