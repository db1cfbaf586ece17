internal import Foundation
internal import LMDB
internal import Synchronization

/// The transaction of a thread that waits for it.
// The body is neither escaping nor sendable. It is used only while its caller is blocked in `wait`: by one leader, which
// claims the write and lets go of it with `complete`, or by nobody, after `giveUp`.
final class BlockingWrite: QueuedWrite, @unchecked Sendable {
  private var body: ((Transaction) throws -> Void)?
  private let verb: PlainVerb?
  /// What another process has answered.
  private(set) var answer: Int64?
  /// How often it was woken, and has not noticed. A semaphore of Dispatch would wait by the computer's clock.
  private let wakeUps = Monitor(0)
  private let isDone = Atomic(false)
  private let isWoken = Atomic(false)

  init(
    _ store: Store,
    _ shared: SharedStore,
    _ durability: Durability,
    _ kind: BodyKind,
    _ timeout: Duration?,
    _ verb: PlainVerb?,
    _ body: @escaping (Transaction) throws -> Void
  ) {
    self.body = body
    self.verb = verb
    // What belongs to the main thread, such as the main actor's state, is asserted to be used on it.
    super.init(store, shared, durability, kind, timeout, needsOwnThread: Thread.isMainThread)
  }

  override func run(_ transaction: Transaction) throws {
    switch kind {
    case .once: try body.take()?(transaction)
    case .repeatable: try body?(transaction)
    }
  }

  override func plainVerb() -> PlainVerb? { verb }

  override var isPlain: Bool { verb != nil }

  override func accept(_ answer: Int64) { self.answer = answer }

  override func complete() {
    body = nil
    shared = nil
    isDone.store(true, ordering: .releasing)
    signal()
  }

  override func didReturn(to queue: WriteQueue) { wake(queue) }

  override func wake(_ queue: WriteQueue) {
    if !isWoken.exchange(true, ordering: .sequentiallyConsistent) { signal() }
  }

  private func signal() {
    wakeUps.signalAfter { $0 += 1 }
  }

  /// Queues it and waits until it is done, or leads, itself, until then.
  ///
  /// - Returns: false when the deadline came first; the body has not run then and will not.
  func wait(in queue: WriteQueue) -> Bool {
    _ = beginWaiting()
    if queue.append(self) { spin(queue) }
    while !isDone.load(ordering: .acquiring) {
      if queue.leadAnyway(), queue.runBatch(for: self) { continue }
      guard !isDone.load(ordering: .acquiring) else { break }
      if !sleep(until: deadline) {
        if giveUp() {
          body = nil
          shared = nil
          queue.noteGivenUp()
          // It may have been woken to lead.
          queue.wakeFirst()
          return false
        }
        // It has begun, or is let go of again, which wakes this thread.
        _ = sleep(until: .max)
      }
      // Before the next look at the leadership, which a wake-up that is left out now was for.
      isWoken.store(false, ordering: .sequentiallyConsistent)
    }
    return true
  }

  /// Waits a little without sleeping. Only the first in the queue does: a relaxed commit takes less time than waking up.
  private func spin(_ queue: WriteQueue) {
    guard Self.hasManyProcessors else { return }
    for _ in 0..<Self.spins {
      if !queue.isLed || isDone.load(ordering: .relaxed) { return }
    }
  }

  private static let spins = 4_000
  private static let hasManyProcessors = ProcessInfo.processInfo.activeProcessorCount > 1

  /// False when the deadline has come.
  private func sleep(until deadline: UInt64) -> Bool {
    guard let left = MonotonicClock.timeLeft(until: deadline) else {
      wakeUps.waitUntil({ $0 > 0 }) { $0 -= 1 }
      return true
    }
    // However often it is woken: a leader wakes itself when it puts its own write back.
    guard left > .zero else { return false }
    return wakeUps.wait(until: .now + left, { $0 > 0 }) { $0 -= 1 } != nil
  }
}
