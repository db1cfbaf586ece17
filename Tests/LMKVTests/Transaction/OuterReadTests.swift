import Foundation
import Synchronization
import Testing

@testable import LMKV

/// Reads inside a transaction that do not go through it. They would see neither what it has written nor what the bodies
/// before it in the same batch have; what is computed from them and written would undo these.
@Suite("Reads through outer handles inside a transaction")
struct OuterReadTests {
  /// Every door to what is stored, but for the transaction itself.
  private static let doors: [(name: String, read: @Sendable (Store) throws -> Void)] = [
    ("get", { _ = try numbers($0).get("a") }),
    ("get as another type", { _ = try numbers($0).get("a", as: Double.self) }),
    ("get with a default", { _ = try numbers($0).get("absent", default: 0) }),
    ("get of several keys", { _ = try numbers($0).get(["a", "b"]) }),
    ("getAll", { _ = try numbers($0).getAll() }),
    ("require", { _ = try numbers($0).require("a") }),
    ("entry", { _ = try numbers($0).entry("a") }),
    ("contains", { _ = try numbers($0).contains("a") }),
    ("count", { _ = try numbers($0).count() }),
    ("count of a selection", { _ = try numbers($0).count(.prefix("a")) }),
    ("isEmpty", { _ = try numbers($0).isEmpty }),
    ("keys", { _ = try numbers($0).keys() }),
    ("page", { _ = try numbers($0).page(limit: 1) }),
    ("first", { _ = try numbers($0).first() }),
    ("last", { _ = try numbers($0).last() }),
    ("timeToLive", { _ = try numbers($0).timeToLive("a") }),
    ("withBytes", { _ = try $0.scope("bytes", of: [UInt8].self).withBytes("a") { _ in } }),
    ("a scope of any values", { _ = try $0.scope("s").get("a", as: Int.self) }),
    ("the same scope as another type", { _ = try numbers($0).of(Double.self).get("a") }),
    ("a scope that does not exist", { _ = try $0.scope("absent").get("a") }),
    ("the default scope", { _ = try $0.defaultScope.get("a") }),
    ("getOrSet of a key that is there", { _ = try numbers($0).getOrSet("a") { 1 } }),
    ("memoize of a key that is there", { _ = try numbers($0).memoize("a") { 1 } }),
    ("once of a name that is there", { _ = try $0.once("a", of: Int.self) { 1 } }),
    ("throttle", { _ = try $0.throttle("a", every: .seconds(1)) }),
    ("a lock", { try $0.lock("a").withLock {} }),
    ("a semaphore", { try $0.semaphore("a", permits: 1).withPermit {} }),
    ("read", { try $0.read { _ in } }),
    ("a subscript in read", { store in _ = try store.read { $0[numbers(store)]["a"] } }),
    ("a sequence in read", { store in _ = try store.read { $0[numbers(store)].values().reduce(0, +) } }),
    ("scopes", { _ = try $0.scopes }),
    ("scopeInfo", { _ = try $0.scopeInfo("s") }),
    ("scopeInfos", { _ = try $0.scopeInfos }),
    ("info", { _ = try $0.info() }),
    ("coordinationInfos", { _ = try $0.coordinationInfos() }),
    ("sweepExpired", { _ = try $0.sweepExpired() }),
    ("removeAll in steps", { _ = try numbers($0).removeAll(.all, inStepsOf: 1) }),
  ]

  private static func numbers(_ store: Store) -> Scope<Int> { store.scope("s", of: Int.self) }

  /// Somebody's helper, which knows nothing of transactions.
  private struct Helper: Sendable {
    let scope: Scope<Int>

    func next() throws -> Int { try (scope.get("a") ?? 0) + 1 }
  }

  private func fill(_ store: Store) throws {
    try Self.numbers(store).set("a", 1)
    try store.scope("bytes", of: [UInt8].self).set("a", [1])
    _ = try store.once("a", of: Int.self) { 1 }
  }

  /// Tries every door. Those that are not shut with a sentence, which all must be.
  private static func openDoors(_ store: Store) -> [String] {
    doors.compactMap { door in
      do {
        try door.read(store)
        return "\(door.name) was answered"
      } catch let error as LMKVError where error.code == .nestedTransaction {
        return error.message.contains(store.path) && error.message.hasSuffix(".") ? nil : "\(door.name) said \(error)"
      } catch {
        return "\(door.name) threw \(error)"
      }
    }
  }

  @Test func `are refused, by whatever door`() throws {
    try withStore { store in
      try fill(store)
      try store.transaction { tx in
        #expect(Self.openDoors(store) == [])
        try tx.savepoint { #expect(Self.openDoors(store) == []) }
        #expect(throws: CancellationError.self) {
          try tx.savepoint {
            #expect(Self.openDoors(store) == [])
            throw CancellationError()
          }
        }
        try tx[Self.numbers(store)].set("a", 2)
        let helper = Helper(scope: Self.numbers(store))
        expectError(.nestedTransaction, naming: store.path, "through") { _ = try helper.next() }
        // What is refused changes nothing: the transaction goes on.
        try tx[Self.numbers(store)].increment("a")
      }
      #expect(try Self.numbers(store).get("a") == 3)
      for door in Self.doors { try door.read(store) }
    }
  }

  @Test func `are refused through any other store value on the same files`() throws {
    try withStore { store in
      try fill(store)
      let second = try Store(path: store.path + "/../store")
      let reader = try Store(path: store.path, configuration: .init(access: .readOnly))
      try store.transaction { tx in
        #expect(Self.openDoors(second) == [])
        expectError(.nestedTransaction) { _ = try Self.numbers(reader).get("a") }
        expectError(.nestedTransaction) { _ = try reader.read { $0.revision } }
        try tx[Self.numbers(second)].set("a", 2)
      }
      #expect(try Self.numbers(reader).get("a") == 2)
      try second.close()
      try reader.close()
    }
  }

  @Test func `are refused where a verb runs code of others inside its transaction`() throws {
    struct Reader: Codable, Sendable {
      nonisolated(unsafe) static var store: Store?
      init() {}
      init(from _: any Decoder) throws {}

      func encode(to encoder: any Encoder) throws {
        if let store = Self.store { #expect(OuterReadTests.openDoors(store) == []) }
        try 1.encode(to: encoder)
      }
    }
    try withStore { store in
      try fill(store)
      let scope = Self.numbers(store)
      try scope.update("a") { value in
        value = 2
        #expect(Self.openDoors(store) == [])
      }
      _ = try scope.getOrSet("b") {
        #expect(Self.openDoors(store) == [])
        return 1
      }
      Reader.store = store
      defer { Reader.store = nil }
      try store.scope("r", of: Reader.self).set("a", Reader())
      // Outside of a transaction, code of others may read.
      _ = try scope.memoize("c") { try scope.get("a") ?? 0 }
      #expect(try scope.get("c") == 2)
    }
  }

  @Test func `are refused on whoever's thread the body runs`() async throws {
    try await withStore { store async throws in
      try fill(store)
      // An issue that is recorded on a thread of its own would belong to no test.
      let found = Mutex<[[String]]>([])
      let body: @Sendable (LMKV.Transaction) throws -> Void = { tx in
        let open = try Self.openDoors(store) + tx.savepoint { Self.openDoors(store) }
        found.withLock { $0.append(open) }
        _ = try tx[Self.numbers(store)].increment("a")
      }
      try await store.whileWriting { callers in
        for _ in 0..<2 { try await callers.thread { try store.transaction(body) } }
        for _ in 0..<2 { try await callers.task { try await store.async.transaction(body) } }
        try await callers.task {
          _ = try await Self.numbers(store).async.update("a", default: 0) { value in
            value += 1
            found.withLock { $0.append(Self.openDoors(store)) }
          }
        }
      }
      #expect(found.withLock { $0 } == Array(repeating: [], count: 5))
      #expect(try Self.numbers(store).get("a") == 6)
      for door in Self.doors where door.name != "removeAll in steps" {
        try await Self.blocking { try door.read(store) }
      }
    }
  }

  /// On a thread of its own.
  private static func blocking(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await onThreads(1) { _ in try body() }
  }

  @Test func `are answered to other threads, which see what is committed`() throws {
    try withStore { store in
      let scope = Self.numbers(store)
      try scope.set("a", 1)
      try store.transaction { tx in
        try tx[scope].set("a", 2)
        try onOtherThread {
          try #require(scope.get("a") == 1)
          try #require(store.read { $0[scope]["a"] } == 1)
          try #require(scope.count() == 1)
        }
      }
      #expect(try scope.get("a") == 2)
    }
  }

  @Test func `are answered by another store`() throws {
    try withStore { outer in
      try withStore { inner in
        try Self.numbers(inner).set("a", 1)
        try outer.transaction { tx in
          #expect(try Self.numbers(inner).get("a") == 1)
          try inner.transaction { _ in
            expectError(.nestedTransaction, naming: inner.path) { _ = try Self.numbers(inner).get("a") }
            expectError(.nestedTransaction, naming: outer.path) { _ = try Self.numbers(outer).get("a") }
          }
          #expect(try inner.read { try $0.scopes } == ["s"])
          expectError(.nestedTransaction, naming: outer.path) { _ = try outer.read { $0.revision } }
          try tx[Self.numbers(outer)].set("a", 1)
        }
      }
    }
  }

  @Test func `so lose no update of threads that count with a captured scope`() async throws {
    try await withStore(.init(durability: .relaxed())) { store async throws in
      let scope = Self.numbers(store)
      try await scope.async.set("a", 0)
      try await onThreads(4) { _ in
        for _ in 0..<500 {
          try store.transaction { tx in
            do {
              try tx[scope].set("a", scope.require("a") + 1)
            } catch let error as LMKVError where error.code == .nestedTransaction {
              try tx[scope].increment("a")
            }
          }
        }
      }
      #expect(try scope.get("a") == 2_000)
    }
  }
}
