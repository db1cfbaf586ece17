import Foundation
import LMDB
import LMDBPlatform
import TestSupport
import Testing

/// Who opens and closes an environment waits for all others who do.
@Suite struct LockTests {
  // Whoever closes takes the lock again, and may do so just while it changes hands. So nobody closes here.
  @Test func `who waits to open is served in the order of coming`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("open-and-stay", directory, "opening")
      try holder.expect("opening")
      let others = try (1...5).map { number in
        let other = try Driver("open-and-stay", directory)
        try directory.expectWaiting(number)
        return other
      }
      try holder.goOn()
      let all = [holder] + others
      let moments = try all.map { try #require(Int($0.line() ?? "")) }
      #expect(moments == moments.sorted())
      for process in all {
        try process.goOn()
        #expect(process.wait() == 0)
      }
    }
  }

  @Test func `patience is for one holder, and not for all who come before`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      // As long as a busy machine may take to let one of them go on.
      let patience = 6.0
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      let others = try (0..<5).map { _ in try Driver("open-slowly", directory, "1600") }
      try directory.expectWaiting(5)
      let waiting = Running {
        let start = ContinuousClock.now
        _ = try directory.open { $0.patience = patience }
        #expect(ContinuousClock.now - start > .seconds(patience), "the others were too quick for this test")
      }
      try directory.expectWaiting(6)
      try holder.goOn()
      try waiting.join()
      for other in others { #expect(other.wait() == 0) }
    }
  }

  @Test func `who does not get done with opening is named`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      for _ in 0..<3 {
        let error = try #require(thrown { _ = try directory.open { $0.patience = 0.2 } } as? LMDBError)
        #expect(error.code == .openLockHeld)
        #expect(error.context.hasPrefix("process \(holder.processID) (LMDBTestDriver) has held \(directory.store)"))
        // However often somebody gives up, one thread waits.
        #expect(openFiles(below: directory.path) == [directory.lock])
      }
      try holder.goOn()
      try holder.expect("open")
      #expect(holder.wait() == 0)
      try directory.waitUntilClosed()
    }
  }

  // Defect B4.
  @Test func `who works on something that takes long is waited for, but not once it is stopped`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("hold-opening", directory, "working")
      try holder.expect("opening")
      // Many times what passes between two signs of life.
      let patience = 6.0
      let waiting = Running { _ = try directory.open { $0.patience = patience } }
      #expect(!waiting.isDone(within: 1.5 * patience))
      #expect(try directory.lockText().contains("recovering the store"))
      kill(holder.processID, SIGSTOP)
      #expect(throws: LMDBError.self) { try waiting.join() }
      let error = try #require(thrown { _ = try directory.open { $0.patience = 0.2 } } as? LMDBError)
      #expect(error.code == .openLockHeld)
      #expect(error.context.hasPrefix("process \(holder.processID) (LMDBTestDriver, recovering the store) has held"))
      kill(holder.processID, SIGCONT)
      try holder.goOn()
      try holder.expect("open")
      #expect(holder.wait() == 0)
      #expect(try !directory.lockText().contains("recovering"))
      try directory.waitUntilClosed()
    }
  }

  @Test func `who gave up keeps nobody waiting`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      #expect(code { _ = try directory.open { $0.patience = 0.1 } } == .openLockHeld)
      try holder.goOn()
      #expect(holder.wait() == 0)
      let other = try Driver("open-slowly", directory)
      #expect(other.wait() == 0)
      try directory.waitUntilClosed()
    }
  }

  @Test func `who gave up and comes again is served`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      #expect(code { _ = try directory.open { $0.patience = 0.1 } } == .openLockHeld)
      let threads = (0..<3).map { _ in Running { _ = try directory.open { $0.patience = 100_000 } } }
      #expect(threads[0].isDone(within: 0.1) == false)
      try holder.goOn()
      for thread in threads { try thread.join() }
    }
  }

  @Test func `who waits for one environment keeps nobody from another`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      let waiting = Running { _ = try directory.open { $0.patience = 100_000 } }
      try directory.expectWaiting(1)
      let other = TestDirectory(path: directory.path + "/other")
      try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: false)
      try Running { _ = try other.open() }.join()
      #expect(waiting.isDone(within: 0) == false)
      try holder.goOn()
      try waiting.join()
    }
  }

  @Test func `a killed holder passes the lock on, and leaves no mark`() throws {
    try withDirectory { directory in
      let holder = try Driver("hold-opening", directory)
      try holder.expect("opening")
      #expect(try directory.lockText().contains("\(holder.processID) "))
      // What an interrupted creation leaves. With the mark it would be damage.
      try Data().write(to: URL(fileURLWithPath: directory.dataFile))
      let waiting = Running { _ = try directory.open { $0.patience = 100_000 } }
      try directory.expectWaiting(1)
      holder.kill()
      try waiting.join()
      #expect(try directory.lockText().trimmingCharacters(in: .whitespaces) == "opened\n\n")
      #expect(
        code {
          truncate(directory.dataFile, 0)
          _ = try directory.open()
        } == .truncated
      )
      try FileManager.default.removeItem(atPath: directory.store)
    }
  }

  @Test func `who may not write the lock's file opens for reading, and cannot be named`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      for (path, mode) in [(directory.path, 0o755), (directory.store, 0o755), (directory.lock, 0o444)] {
        chmod(path, mode_t(mode))
      }
      for name in ["data.mdb", "lock.mdb"] { chmod(directory.store + "/" + name, 0o666) }
      let reader = try Driver("hold-opening-as-reader", directory)
      try reader.expect("opening")
      let error = try #require(thrown { _ = try directory.open { $0.patience = 0.1 } } as? LMDBError)
      #expect(error.code == .openLockHeld && error.context.hasPrefix("a process that could not leave its name"))
      try reader.goOn()
      try reader.expect("open")
      #expect(reader.wait() == 0)
      try directory.waitUntilClosed()
      chmod(directory.lock, 0o600)
    }
  }

  @Test func `a directory that was replaced during the wait is not taken for the old one`() throws {
    try withDirectory { directory in
      _ = try directory.open()
      let first = try directory.hold()
      let waiting = Running {
        let environment = try directory.open { $0.patience = 100_000 }
        #expect(try environment.databaseNames() == [])
        try environment.put("new", for: "key", in: environment.database())
      }
      try directory.expectWaiting(1)
      let old = TestDirectory(path: directory.path + "/old")
      try FileManager.default.createDirectory(atPath: old.path, withIntermediateDirectories: false)
      try FileManager.default.moveItem(atPath: directory.store, toPath: old.store)
      try FileManager.default.createDirectory(atPath: directory.store, withIntermediateDirectories: false)
      let second = try directory.hold()
      close(first)
      try directory.expectWaiting(1)
      #expect(!FileManager.default.fileExists(atPath: directory.dataFile))
      close(second)
      try waiting.join()
      #expect(try old.open().databaseNames() == [])
      let environment = try directory.open()
      #expect(try environment.text("key", in: environment.database()) == "new")
    }
  }
}

extension TestDirectory {
  fileprivate var lock: String { store + "/open.lock" }

  fileprivate func lockText() throws -> String { try String(contentsOfFile: lock, encoding: .utf8) }

  /// Takes the lock of opening until the descriptor is closed.
  fileprivate func hold() throws -> Int32 {
    let descriptor = LMDBPlatform.open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    return descriptor
  }

  /// Waits for a thread that was left behind.
  fileprivate func waitUntilClosed() throws {
    try waitUntil { openFiles(below: path) == [] }
  }

  /// Waits until so many, in all processes, wait for the lock of opening.
  fileprivate func expectWaiting(_ count: Int) throws {
    let inode = try #require(FileManager.default.attributesOfItem(atPath: lock)[.systemFileNumber] as? UInt64)
    try waitUntil {
      let locks = text(of: "/proc/locks")
      return locks.split(separator: "\n").count { $0.contains("-> FLOCK") && $0.contains(":\(inode) ") } == count
    }
  }
}

/// All of a file whose size the system does not tell, and of which each read gives a page at most.
private func text(of path: String) -> String {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}

/// Waits for something that must come.
private func waitUntil(_ condition: () -> Bool) throws {
  var patience = Patience(60)
  while !condition() {
    let hangs = patience.isOver()
    try #require(!hangs)
    Running.nap()
  }
}
