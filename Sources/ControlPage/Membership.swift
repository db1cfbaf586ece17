internal import LMDBPlatform
internal import Synchronization

/// This process's slot, whose mutex the ``LivenessThread`` holds: its death is what tells others of ours.
final class Membership: Sendable {
  let id: MemberID
  private let mapping: Mapping
  private let thread: LivenessThread
  private let isEnded = Atomic(false)

  init(_ mapping: Mapping, _ path: String) throws(ControlPageError) {
    thread = try LivenessThread.any()
    let found = thread.run { (0..<Layout.memberCapacity).first { Slot(mapping, $0).claim() } ?? -1 }
    guard found >= 0 else {
      thread.leave()
      throw .full(path: path, capacity: Layout.memberCapacity)
    }
    let slot = Slot(mapping, found)
    // It may be that of a dead one, which nobody has missed.
    slot.id.publish(0)
    slot.describeThisProcess()
    id = MemberID(slot: found)
    self.mapping = mapping
    // From here on others see it, with the mutex held.
    slot.id.publish(id.rawValue)
  }

  func end() {
    // In a forked child the slot is the parent's, and there is no thread.
    guard !mapping.isForked, !isEnded.exchange(true, ordering: .sequentiallyConsistent) else { return }
    _ = Slot(mapping, id.slot).id.compareExchange(id.rawValue, 0)
    let slot = id.slot
    _ = thread.run { [mapping] in Slot(mapping, slot).mutex.unlock() ? 0 : -1 }
    thread.leave()
  }

  deinit { end() }
}
