internal import LMDBPlatform
internal import Synchronization

/// Waits for the lock of opening (`flock`) as long as it changes hands.
///
/// The kernel serves those who wait in the order of their coming (but for somebody who comes just while the lock changes
/// hands), and lets nobody wait for a limited time. So a thread waits. Who gives up leaves it behind, with the descriptor: it
/// gives the lock back as soon as it gets it, and until then the next one of this process who wants the lock takes over its
/// place.
final class LockWait: Sendable {
  /// So many looks at the same holder, spread over the time of patience, are too many. Looks and not time, because nobody
  /// gets done while the whole machine stands still.
  private static let looks = 10

  private static let abandoned = Mutex<[LockWait]>([])

  private let descriptor: Int32
  private let identity: DirectoryLayout.FileIdentity
  private let forkGeneration = ForkGuard.generation
  /// 0 with the lock, or why there will be none. Nil until then.
  private let outcome = Monitor<Int32?>(nil)

  private init(_ descriptor: Int32, _ identity: DirectoryLayout.FileIdentity) {
    self.descriptor = descriptor
    self.identity = identity
  }

  /// Waits until an open file is locked.
  ///
  /// - Parameters:
  ///   - descriptor: not the caller's any more, whatever comes of it.
  ///   - patience: for how many seconds one and the same process may have the lock.
  /// - Returns: a descriptor of the locked file.
  static func lock(_ descriptor: Int32, _ path: String, patience: Double) throws(LMDBError) -> Int32 {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(errno, descriptor, path) }
    let identity = DirectoryLayout.FileIdentity(status)
    if let wait = takeOver(identity) {
      _ = close(descriptor)
      return try wait.finish(path, patience)
    }
    let wait = LockWait(descriptor, identity)
    let code = startDetachedThread { wait.run() }
    guard code == 0 else { throw failure(code, descriptor, path) }
    return try wait.finish(path, patience)
  }

  private static func failure(_ code: Int32, _ descriptor: Int32, _ path: String) -> LMDBError {
    _ = close(descriptor)
    return LMDBError(.init(rawValue: code), "wait for \(path)")
  }

  private func run() {
    var code: Int32 = 0
    repeat { code = flock(descriptor, LOCK_EX) == 0 ? 0 : errno } while code == EINTR
    let isWanted = Self.abandoned.withLock { waits in
      guard let index = waits.firstIndex(where: { $0 === self }) else {
        outcome.signalAfter { $0 = code }
        return true
      }
      waits.remove(at: index)
      return false
    }
    guard !isWanted else { return }
    // Closing it would not unlock, should a forked child have it too.
    flock(descriptor, LOCK_UN)
    _ = close(descriptor)
  }

  private func finish(_ path: String, _ patience: Double) throws(LMDBError) -> Int32 {
    var holder = LockHolder(in: descriptor)
    var looks = 0
    while true {
      outcome.wait(until: .now + .seconds(patience / Double(Self.looks))) { $0 != nil }
      if let code = outcome.withLock({ $0 }) {
        guard code == 0 else { throw Self.failure(code, descriptor, path) }
        return descriptor
      }
      let seen = LockHolder(in: descriptor)
      looks = seen == holder ? looks + 1 : 0
      holder = seen
      if looks >= Self.looks, abandon() {
        let name = holder.map(\.description) ?? "a process that could not leave its name"
        let seconds = (max(patience, holder?.seconds ?? 0) * 10).rounded() / 10
        throw LMDBError(.openLockHeld, "\(name) has held \(path) for \(seconds) s")
      }
    }
  }

  /// Leaves it to the thread. Not when that has just got the lock.
  private func abandon() -> Bool {
    Self.abandoned.withLock { waits in
      guard outcome.withLock({ $0 == nil }) else { return false }
      waits.append(self)
      return true
    }
  }

  /// One that was left behind. Those of the process that this one was forked from have no thread here.
  private static func takeOver(_ identity: DirectoryLayout.FileIdentity) -> LockWait? {
    abandoned.withLock { waits in
      let index = waits.firstIndex { $0.identity == identity && $0.forkGeneration == ForkGuard.generation }
      return index.map { waits.remove(at: $0) }
    }
  }
}
