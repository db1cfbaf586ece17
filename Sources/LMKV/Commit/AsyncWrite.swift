internal import Synchronization

/// The transaction of a task, which is suspended until it is done.
// See `QueuedWrite`. The continuation is resumed once: by the one who changed the state from `waiting`, or, when the task
// was cancelled before that, by the task itself.
@safe final class AsyncWrite<Returned: Sendable>: QueuedWrite, @unchecked Sendable {
  private var body: (@Sendable (Transaction) throws -> Returned)?
  private let delegable: Delegable<Returned>?
  private var continuation: UnsafeContinuation<Returned, any Error>?
  private var returned: Returned?
  private let isCancelled = Atomic(false)

  init(
    _ store: Store,
    _ shared: SharedStore,
    _ durability: Durability,
    _ kind: BodyKind,
    _ timeout: Duration?,
    _ delegable: Delegable<Returned>?,
    _ body: @escaping @Sendable (Transaction) throws -> Returned
  ) {
    self.body = body
    self.delegable = delegable
    super.init(store, shared, durability, kind, timeout, needsOwnThread: false)
  }

  override var isTask: Bool { true }

  override func run(_ transaction: Transaction) throws {
    returned = try body?(transaction)
  }

  override func plainVerb() -> PlainVerb? { delegable?.verb() }

  override var isPlain: Bool { delegable != nil }

  override func accept(_ answer: Int64) { returned = delegable?.result(answer) }

  override func complete() {
    let result: Result<Returned, any Error> =
      if let error { .failure(store.translated(error)) } else if let returned { .success(returned) } else {
        .failure(CancellationError())
      }
    answer(result)
  }

  override func wake(_ queue: WriteQueue) {
    queue.thread.wake(queue)
  }

  /// Queues it. The continuation is resumed when it is done or given up.
  func enqueue(in queue: WriteQueue, _ continuation: UnsafeContinuation<Returned, any Error>) {
    unsafe self.continuation = unsafe continuation
    // Cancelled before it came to wait.
    guard beginWaiting() else { return answer(.failure(CancellationError())) }
    queue.append(self)
    queue.wakeFirst()
    queue.watch(deadline)
  }

  /// Takes it out of the queue, unless it has begun. One that a leader only looks at is taken out as soon as that lets go.
  func cancel(in queue: WriteQueue) {
    isCancelled.store(true, ordering: .sequentiallyConsistent)
    if !giveUpEarly(), giveUp() { end(CancellationError(), in: queue) }
  }

  override func expire(in queue: WriteQueue) {
    if giveUp() { end(store.timedOut(after: timeout ?? .zero), in: queue) }
  }

  override func didReturn(to queue: WriteQueue) {
    if isCancelled.load(ordering: .sequentiallyConsistent), giveUp() { end(CancellationError(), in: queue) }
    queue.watch(deadline)
  }

  private func end(_ error: any Error, in queue: WriteQueue) {
    answer(.failure(error))
    queue.noteGivenUp()
  }

  private func answer(_ result: Result<Returned, any Error>) {
    body = nil
    shared = nil
    let continuation = unsafe continuation
    unsafe self.continuation = nil
    unsafe continuation?.resume(with: result)
  }
}

/// How another process can do what a task wants, and what becomes of its answer.
struct Delegable<Returned: Sendable>: Sendable {
  let verb: @Sendable () -> PlainVerb?
  let result: @Sendable (Int64) -> Returned
}
