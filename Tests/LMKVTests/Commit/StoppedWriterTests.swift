import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

/// What waits for the turn to write, while the process that has it stands still.
// One after the other: a stopped process can have inherited what tells of another one's end.
@Suite("While a writer is stopped", .serialized, .timeLimit(.minutes(5))) struct StoppedWriterTests {
  /// Something that writes.
  struct Write: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let run: @Sendable (Store) async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Store) async throws -> Void) {
      testDescription = name
      self.run = run
    }

    /// On a thread that it blocks.
    static func blocking(_ name: String, _ run: @escaping @Sendable (Store) throws -> Void) -> Self {
      Self(name) { store in try await onThreads(1) { _ in try run(store) } }
    }
  }

  static let blocking: [Write] = [
    .blocking("set") { try $0.scope("s", of: Int.self).set("a", 1) },
    .blocking("increment") { try $0.scope("s", of: Int.self).increment("a") },
    .blocking("remove") { try $0.scope("s", of: Int.self).remove("there") },
    .blocking("update") { try $0.scope("s", of: Int.self).update("a", default: 0) { $0 += 1 } },
    .blocking("clear") { try $0.scope("s", of: Int.self).clear() },
    .blocking("transaction") { try $0.transaction { try $0["s"].set("a", 1) } },
    .blocking("sweepExpired") { try $0.sweepExpired() },
    .blocking("createScope") { try $0.createScope("other") },
    .blocking("throttle") { _ = try $0.throttle("t", every: .seconds(60)) },
  ]

  static let suspending = [
    Write("async.set") { try await $0.scope("s", of: Int.self).async.set("a", 1) },
    Write("async.increment") { try await $0.scope("s", of: Int.self).async.increment("a") },
    Write("async.remove") { try await $0.scope("s", of: Int.self).async.remove("there") },
    Write("async.update") { try await $0.scope("s", of: Int.self).async.update("a", default: 0) { $0 += 1 } },
    Write("async.clear") { try await $0.scope("s", of: Int.self).async.clear() },
    Write("async.transaction") { try await $0.async.transaction { try $0["s"].set("a", 1) } },
    Write("async.sweepExpired") { try await $0.async.sweepExpired() },
    Write("async.createScope") { try await $0.async.createScope("other") },
  ]

  static let durabilities = [Durability.full, .relaxed()]

  private static func configuration(_ durability: Durability, _ timeout: Duration?) -> Store.Configuration {
    var configuration = Store.Configuration(durability: durability)
    configuration.writeTimeout = timeout
    return configuration
  }

  /// Runs a test while another process has the turn and is stopped; then kills it, and sees that nothing was written.
  private static func withStoppedWriter(
    _ configuration: Store.Configuration,
    _ body: (Store, DriverProcess) async throws -> Void
  ) async throws {
    let clock = ManualClock()
    var configuration = configuration
    configuration.clock = StoreClock { clock.now }
    try await withStore(configuration) { store async throws in
      let scope = store.scope("s", of: Int.self)
      try await store.async.transaction(timeout: .seconds(600)) { tx in
        try tx[scope].set("there", 7)
        try tx[scope].set("expired", 7, expires: .seconds(1))
      }
      clock.advance(by: .seconds(1))
      let holder = try DriverProcess("hold", store.path)
      try holder.expect("holding")
      kill(holder.processID, SIGSTOP)
      defer { holder.kill() }
      let revision = try store.read(\.revision)
      try await body(store, holder)
      holder.kill()
      #expect(try store.read(\.revision) == revision, "something was written")
      #expect(try scope.get("a") == nil && scope.get("there") == 7)
      // Nothing is left of those who gave up: the next one writes.
      try await store.async.transaction(timeout: .seconds(600)) { try $0[scope].set("a", 2) }
      try await onThreads(1) { _ in try store.transaction(timeout: .seconds(600)) { try $0[scope].set("a", 3) } }
    }
  }

  @Test(arguments: blocking + suspending, durabilities)
  func `a write ends after its time, and says who writes`(write: Write, durability: Durability) async throws {
    try await Self.withStoppedWriter(Self.configuration(durability, .milliseconds(50))) { store, holder in
      await expectError(.timedOut, naming: store.path, "\(holder.processID)", "LMKVTestDriver", "writeTimeout") {
        try await write.run(store)
      }
    }
  }

  @Test(arguments: blocking + suspending)
  func `a write whose time is zero does not wait`(write: Write) async throws {
    try await Self.withStoppedWriter(Self.configuration(.full, .zero)) { store, holder in
      await expectError(.timedOut, naming: "\(holder.processID)") { try await write.run(store) }
    }
  }

  @Test(arguments: suspending, durabilities)
  func `the first that waits is cancelled at once, and those behind it`(
    write: Write,
    durability: Durability
  ) async throws {
    try await Self.withStoppedWriter(Self.configuration(durability, nil)) { store, _ in
      let turn = try #require(store.shared().commitPath.turn)
      let tasks = (0..<3).map { _ in Task { try await write.run(store) } }
      let queue = try store.shared().queue
      while queue.count < 3 || !turn.waiting.contains(where: { $0.member.processID == getpid() }) {
        try await Task.sleep(for: .milliseconds(1))
      }
      for task in tasks {
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
      }
      // Nor does the store's thread wait for nobody.
      while turn.waiting.contains(where: { $0.member.processID == getpid() }) || queue.isLed {
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  @Test func `what a body holds is let go of when its task is cancelled`() async throws {
    final class Held: Sendable {}
    try await Self.withStoppedWriter(Self.configuration(.full, nil)) { store, _ in
      var held: Held? = Held()
      weak let weakly = held
      let task = Task { [held] in try await store.async.transaction { _ in withExtendedLifetime(held) {} } }
      held = nil
      while try store.shared().queue.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      while weakly != nil { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  @Test func `those with different times are answered each at its own`() async throws {
    try await Self.withStoppedWriter(Self.configuration(.full, nil)) { store, _ in
      let patient = Task { try await store.async.transaction { _ in } }
      let late = Task { try await store.async.transaction(timeout: .seconds(3_600)) { _ in } }
      for milliseconds in [80, 20, 1] {
        await expectError(.timedOut) {
          try await store.async.transaction(timeout: .milliseconds(milliseconds)) { _ in }
        }
      }
      for task in [patient, late] {
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
      }
    }
  }

  @Test func `a sweeper leaves its sweep to the next time`() async throws {
    try await Self.withStoppedWriter(Self.configuration(.full, .milliseconds(20))) { store, _ in
      let sweeping = Task { try await store.sweeper(every: .milliseconds(5)).run() }
      try await Task.sleep(for: .milliseconds(200))
      sweeping.cancel()
      try await sweeping.value
    }
  }

  // MARK: Opening and closing

  @Test func `others open, read and close the store`() async throws {
    try await Self.withStoppedWriter(Self.configuration(.full, nil)) { store, _ in
      for access in [Store.Configuration.Access.readWrite, .readOnly] {
        let other = try Store(path: store.path, configuration: .init(access: access))
        #expect(try other.scope("s", of: Int.self).get("there") == 7)
        #expect(try other.close(timeout: .seconds(60)))
      }
      let reader = try DriverProcess("obey", store.path)
      try reader.expect("ready")
      #expect(try reader.ask("get s there") == "7")
      #expect(reader.finish() == 0)
    }
  }

  @Test func `an opening that must write ends after its time`() async throws {
    try await withStore { store async throws in
      let holder = try DriverProcess("hold", store.path, "later")
      defer { holder.kill() }
      try holder.expect("ready")
      // As if so much had been written that the next opener is to raise the bound of the revisions.
      let environment = try store.environment()
      try await onThreads(1) { _ in
        let writing = try environment.beginWrite()
        let head = try #require(try Head.read(writing.raw))
        try Head(revision: head.revision + 1 << 40, generation: head.generation).write(writing.raw)
        try writing.commit(.full)
      }
      try holder.tell("now")
      try holder.expect("holding")
      kill(holder.processID, SIGSTOP)
      expectError(.timedOut, naming: store.path, "\(holder.processID)") {
        _ = try Store(path: store.path, configuration: Self.configuration(.full, .milliseconds(20)))
      }
      holder.kill()
      try Store(path: store.path).close()
    }
  }

  @Test func `closing does not wait for it, whatever this process has in hand`() async throws {
    try await withStore(Self.configuration(.relaxed(), nil)) { store async throws in
      // Under load, so that the store is dirty; closed with a lock, and while a write waits.
      let scope = store.scope("s", of: Int.self)
      for number in 0..<50 { try await scope.async.set("\(number)", number) }
      try await onThreads(1) { _ in _ = try store.lock("l").lock() }
      let holder = try DriverProcess("hold", store.path)
      defer { holder.kill() }
      try holder.expect("holding")
      kill(holder.processID, SIGSTOP)
      let waiting = Task { try await scope.async.set("last", 1) }
      while try store.shared().queue.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(try await !store.async.close(timeout: .milliseconds(50)), "a write waits")
      await expectError(.closed) { try await scope.async.set("refused", 1) }
      holder.kill()
      // It had come before the store was closed.
      try await waiting.value
      let again = try Store(path: store.path)
      #expect(try again.scope("s", of: Int.self).count() == 51)
      try again.close()
      while !openFiles(below: store.path).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    }
  }
}
