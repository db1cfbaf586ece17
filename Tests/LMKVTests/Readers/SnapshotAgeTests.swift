import Foundation
import LMKV
import Synchronization
import Testing

@Suite struct SnapshotAgeTests {
  private static func limited(_ age: Duration) -> Store.Configuration {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxSnapshotAge = age
    return configuration
  }

  @Test("A snapshot that is older than its limit throws snapshotTooOld at its next use, and pins nothing before")
  func limit() throws {
    try withStore(Self.limited(.milliseconds(100))) { store in
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      let own = ProcessInfo.processInfo.processIdentifier
      expectTooOld(naming: store.path) {
        try store.read { snapshot in
          #expect(try snapshot[numbers].get("1") != nil)
          let ended = try waitUntil {
            try !store.readers().contains { $0.processID == own && $0.transactionID != nil && !$0.isCheckpoint }
          }
          #expect(ended, "the snapshot goes on pinning")
          _ = try snapshot[numbers].get("1")
        }
      }
      // A new one is not concerned, nor is the pool.
      #expect(try store.read { try $0[numbers].count() } == 1_000)
      try rewrite(numbers, 1)
      #expect(try numbers.get("1")?.first == "1")
    }
  }

  @Test("Every way to read a snapshot knows its limit")
  func everyWay() throws {
    try withStore(Self.limited(.milliseconds(50))) { store in
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      try store.scope("bytes", of: [UInt8].self).set("1", [1, 2, 3])
      let uses: [(Snapshot) throws -> Void] = [
        { _ = try $0[numbers].get("1") },
        { _ = try $0[numbers].count() },
        { _ = try $0[numbers].count(.prefix("1")) },
        { _ = try $0[numbers].page(limit: 1) },
        { try $0[numbers].entries().forEach { _ in } },
        { try $0.scope("bytes", of: [UInt8].self).forEachBytes { _, _ in } },
        { _ = try $0.scopes },
        { for _ in $0[numbers].keys() {} },
      ]
      for use in uses {
        expectTooOld(naming: store.path) {
          try store.read { snapshot in
            Thread.sleep(forTimeInterval: 0.08)
            try use(snapshot)
          }
        }
      }
    }
  }

  @Test("A loop over a snapshot ends with snapshotTooOld when its body takes too long")
  func loop() throws {
    try withStore(Self.limited(.milliseconds(100))) { store in
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      var count = 0
      expectTooOld(naming: store.path) {
        try store.read { snapshot in
          for _ in snapshot[numbers].keys() {
            count += 1
            if count == 10 { Thread.sleep(forTimeInterval: 0.3) }
          }
        }
      }
      #expect(count == 10)
    }
  }

  @Test("Bytes on loan stay what they are, however old the snapshot gets")
  func loan() throws {
    try withStore(Self.limited(.milliseconds(50))) { store in
      let numbers = store.scope("numbers", of: String.self)
      let loans = store.scope("loans", of: [UInt8].self)
      try loans.set("1", [UInt8](repeating: 7, count: 3_000))
      try fill(numbers)
      var sums: Set<Int> = []
      expectTooOld(naming: store.path) {
        try store.read { snapshot in
          try snapshot[loans].withBytes("1") { bytes in
            for _ in 0..<5 {
              var sum = 0
              for index in 0..<bytes.byteCount { sum += Int(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
              sums.insert(sum)
              Thread.sleep(forTimeInterval: 0.04)
              try Threading.run {
                try loans.set("1", [UInt8](repeating: 9, count: 3_000))
                for round in 0..<3 { try rewrite(numbers, round) }
              }
            }
          }
          _ = try snapshot[numbers].get("1")
        }
      }
      #expect(sums == [21_000])
    }
  }

  private func expectTooOld(
    naming path: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as LMKVError {
      #expect(error.code == .snapshotTooOld, sourceLocation: sourceLocation)
      #expect(error.message.contains(path) && error.message.contains("maxSnapshotAge"), sourceLocation: sourceLocation)
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
    }
  }
}

/// Runs a body on another thread, and waits for it.
private enum Threading {
  static func run(_ body: @escaping @Sendable () throws -> Void) throws {
    let outcome = Mutex<Result<Void, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let result = Result { try body() }
      outcome.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    try outcome.withLock { $0 }?.get()
  }
}
