import Foundation
import LMDB
import Testing

@testable import LMKV

/// What a process needs of the system for its stores.
@Suite("Many stores, and limits") struct ManyStoresTests {
  /// What the driver says it has: threads, descriptors, KiB of memory.
  private func usage(_ word: String, _ line: String?) throws -> (threads: Int, descriptors: Int, memory: Int) {
    let fields = try #require(line).split(separator: " ")
    try #require(fields.count == 4 && fields[0] == word, "\(fields)")
    let numbers = try fields.dropFirst().map { try #require(Int($0)) }
    return (numbers[0], numbers[1], numbers[2])
  }

  @Test func `Hundreds of stores are open in one process, with few threads and four descriptors each`()
    throws
  {
    try withTemporaryDirectory { directory in
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      // All of them may be dirty at once. Twice as many take twice as long, and nothing else of the kind.
      let count = min(500, (Int(clamping: limit.rlim_max) - 100) / 6)
      let driver = try DriverProcess("open-many", directory.path(of: "stores"), "\(count)")
      let written = try usage("written", driver.line())
      let resting = try usage("rests", driver.line())
      let closed = try usage("closed", driver.line())
      #expect(driver.wait() == 0)
      #expect(written.threads <= 100)
      #expect(written.descriptors <= 6 * count + 20)
      #expect(resting.threads <= 100)
      #expect(resting.descriptors <= 4 * count + 20)
      #expect(resting.memory <= 300 * count + 50_000)
      #expect(closed.descriptors <= 20)
    }
  }

  @Test func `Too few descriptors for as many stores are an error that names the limit and the way out`() throws {
    try withTemporaryDirectory { directory in
      let driver = try DriverProcess("open-many", directory.path(of: "stores"), "1000", "100")
      let line = try #require(driver.line())
      #expect(line.hasPrefix("refused ") && line.contains(" systemLimit "), "\(line)")
      #expect(line.contains("100") && line.contains("ulimit -n") && line.contains("close other stores"), "\(line)")
      #expect(driver.wait() == 0)
    }
  }

  @Test func `Where the address space is limited a store grows with its content, and leaves room to the program`()
    throws
  {
    try withStorePath { path in
      let driver = try DriverProcess("open-in-little-space", path, "\(1 << 30)")
      try driver.expect("filled 100 true")
      #expect(driver.wait() == 0)
    }
  }

  @Test func `A snapshot beside a process with a larger limit makes nobody wait, and the own limit holds`() throws {
    try withStorePath { path in
      var configuration = Store.Configuration(durability: .relaxed(flushEvery: .milliseconds(10)))
      configuration.maxSize = 32 << 20
      let store = try Store(path: path, configuration: configuration)
      let counters = store.scope("counters", of: Int.self)
      try counters.set("n", 1)
      try store.read { snapshot in
        #expect(try snapshot.scope("counters", of: Int.self).get("n") == 1)
        let other = try DriverProcess("fill-megabytes", path, "100")
        try other.expect("filled")
        // The map was never too small for what another process wrote.
        let environment = try store.environment()
        #expect(environment.mapBytes > 132 << 20)
        #expect(try counters.get("n") == 1)
        expectError(.storeFull, naming: "\(32 << 20)") { try counters.increment("n") }
        try store.shared().commitPath.flush()
        #expect(try counters.remove("n"))
        try other.tell("go on")
        #expect(other.wait() == 0)
      }
      // What the others have removed is free for this one, too.
      try store.scope("megabytes", of: [UInt8].self).clear()
      for _ in 0..<50 { try counters.increment("warm-up", by: 0) }
      try store.close()
    }
  }

  @Test func `Removing works in a full store, beside a snapshot that keeps what is removed`() throws {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxSize = 2 << 20
    try withStore(configuration, .soundToOthers) { store throws in
      let scope = store.scope("s", of: [UInt8].self)
      let other = store.scope("o", of: [UInt8].self)
      func fill() throws {
        expectError(.storeFull, naming: "\(2 << 20)") {
          for number in 0..<10_000 { try scope.set("\(number)", [UInt8](repeating: 1, count: 500)) }
        }
      }
      try other.set("expires", [1], expires: .milliseconds(1))
      try fill()
      let count = try scope.count()
      try store.read { snapshot in
        #expect(try snapshot[scope].count() == count)
        for number in 0..<count / 2 { try scope.remove("\(number)") }
        _ = try store.sweepExpired()
        try scope.clear()
        try other.clear()
        #expect(try store.dropScope("o") == 0)
        #expect(try snapshot[scope].count() == count)
      }
      #expect(try scope.count() == 0)
      for number in 0..<100 { try scope.set("again \(number)", [UInt8](repeating: 1, count: 500)) }
    }
  }

  @Test func `The limit of scopes is exact, and its error names it and the scope`() throws {
    var configuration = Store.Configuration()
    configuration.maxScopes = 4
    try withStore(configuration) { store in
      for number in 0..<4 { try store.scope("s\(number)").set("k", 1) }
      expectError(.tooManyScopes, naming: "fifth", "4", "maxScopes") { try store.scope("fifth").set("k", 1) }
      expectError(.tooManyScopes, naming: "fifth", "4") { try store.createScope("fifth") }
      try store.lock("locks are no scopes").withLock {}
      #expect(try store.scopes.count == 4)
    }
  }

  @Test(arguments: [100, 1, 1 << 17])
  func `A limit of the size that no store fits in is refused with the smallest one`(size: Int) throws {
    try withTemporaryDirectory { directory in
      var configuration = Store.Configuration()
      configuration.maxSize = size
      expectError(.invalidArgument, naming: "maxSize", "\(size)", "\(1 << 18)") {
        _ = try Store(path: directory.path(of: "store"), configuration: configuration)
      }
    }
  }
}
