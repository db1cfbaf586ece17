import Foundation
import LMDB
import LMDBPlatform
import Synchronization
import Testing

@Suite struct RegistryTests {
  @Test func `the same files give the same environment, by whichever path`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let link = directory.path + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory.store)
      let relative = String(repeating: "../", count: 30) + directory.store.dropFirst()
      var configuration = Environment.Configuration()
      configuration.sync = .unsafeNone
      for path in [directory.store, directory.store + "//", directory.path + "/./store", link, relative] {
        #expect(try Environment.open(path, configuration) === environment, "\(path)")
      }
      let files = openFiles(below: directory.path).filter { $0.hasSuffix("/lock.mdb") }
      #expect(files.count == 1)
    }
  }

  @Test func `many threads that open at once get one environment`() throws {
    try withDirectory { directory in
      let opened = Opened()
      try onThreads(16) { _ in
        let environment = try directory.open()
        opened.environments.withLock { $0.append(environment) }
      }
      let environments = opened.environments.withLock { $0 }
      #expect(environments.count == 16 && environments.allSatisfy { $0 === environments[0] })
      opened.environments.withLock { $0 = [] }
    }
  }

  final class Opened: Sendable {
    let environments = Mutex<[Environment]>([])
  }

  @Test func `opening goes on while the last reference goes away on another thread`() throws {
    try withDirectory(.soundToOthers) { directory in
      try onThreads(6) { thread in
        for _ in 0..<60 {
          let environment = try directory.open()
          try environment.write { transaction in
            let database = try transaction.createDatabase("main")
            let number = Int(try transaction.text("count", in: database) ?? "0") ?? 0
            try transaction.put("\(number + 1)", for: "count", in: database)
          }
        }
      }
      let environment = try directory.open()
      #expect(try environment.text("count", in: environment.database()) == "360")
    }
  }

  @Test func `a refused open does not hang when it holds the last reference`() throws {
    try withDirectory { directory in
      try onThreads(4) { thread in
        for _ in 0..<1_000 {
          if thread % 2 == 0 {
            _ = try? directory.open()
          } else {
            _ = try? directory.open { $0.maxDatabases = 5_000 }
          }
        }
      }
    }
  }

  @Test func `contradictory options throw, and weaker ones are served`() throws {
    try withDirectory { directory in
      let environment = try directory.open {
        $0.sync = .dataOnly
        $0.maxSize = 1 << 30
        $0.maxDatabases = 10
      }
      func open(_ change: (inout Environment.Configuration) -> Void) throws -> Environment {
        try directory.open {
          $0.maxDatabases = 10
          change(&$0)
        }
      }
      #expect(code { _ = try open { $0.sync = .full } } == .openWithOtherOptions)
      #expect(code { _ = try open { $0.maxSize = 1 << 29 } } == .openWithOtherOptions)
      #expect(code { _ = try open { $0.maxDatabases = 11 } } == .openWithOtherOptions)
      #expect(try open { $0.maxSize = 1 << 30 } === environment)
      #expect(try open { $0.access = .readOnly } === environment)
      #expect(try open { $0.sync = .unsafeNone } === environment)
    }
    try withDirectory { directory in
      _ = try directory.open()
      let environment = try directory.open { $0.access = .readOnly }
      #expect(environment.isReadOnly)
      #expect(code { _ = try directory.open() } == .openWithOtherOptions)
    }
  }

  @Test func `close closes every file`() throws {
    try withDirectory { directory in
      for round in 0..<50 {
        let environment = try directory.open()
        let database = try environment.database()
        try environment.put("\(round)", for: "key", in: database)
        #expect(try environment.text("key", in: database) == "\(round)")
        // The data file twice, once for the header pages; the lock file; nothing of the guard.
        #expect(openFiles(below: directory.path).count == 4)
      }
      #expect(openFiles(below: directory.path) == [])
    }
  }

  @Test func `no other program inherits a descriptor`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      var found = 0
      // As many as the tests that run beside this one have open.
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
      for descriptor in descriptors {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        guard let path, path.hasPrefix(directory.path) else { continue }
        found += 1
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "\(path)")
      }
      #expect(found == 4)
      #expect(environment.isReadOnly == false)
    }
  }
}
