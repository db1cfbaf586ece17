import Foundation
import LMDB
import LMKV
import Synchronization
import Testing

@Suite struct StoreDirectoryTests {
  private func files(_ directory: TemporaryDirectory) throws -> [String] {
    try #require(FileManager.default.enumerator(atPath: directory.path)).map { "\($0)" }.sorted()
  }

  @Test func `Stores are listed with what they are, and nothing is touched by it`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try #expect(stores.list().isEmpty)
      let a = try stores.create("a")
      try stores.create("b").close()
      try a.transaction { tx in for number in 0..<2_000 { tx["s"]["k\(number)"] = number } }
      try a.scope("s").set("k", 1)
      // Neither of these is a store.
      try FileManager.default.createDirectory(atPath: directory.path(of: "empty"), withIntermediateDirectories: false)
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path(of: "file")))
      let before = try files(directory)

      let infos = try stores.list()
      #expect(infos.map(\.name) == ["a", "b"])
      #expect(infos.map(\.isInUse) == [true, false])
      #expect(infos[0].uuid == a.uuid)
      #expect(infos[0].revision == 2)
      try #expect(infos[0].revision == a.read { $0.revision })
      #expect(infos[1].revision == 0)
      #expect(infos[0].size > 2_000 * 10)
      #expect(infos[0].path == a.path)
      #expect(infos.allSatisfy { $0.problem == nil })
      try #expect(files(directory) == before)
      try a.close()
    }
  }

  @Test func `A store without its lock files is listed, and gets none by that`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      let uuid = try { () throws -> UUID in
        let store = try stores.create("a")
        defer { try? store.close() }
        return store.uuid
      }()
      for file in ["lock.mdb", "open.lock", "control"] {
        try FileManager.default.removeItem(atPath: directory.path(of: "a/\(file)"))
      }
      chmod(directory.path(of: "a"), 0o500)
      defer { chmod(directory.path(of: "a"), 0o700) }
      try #expect(stores.info("a").uuid == uuid)
      try #expect(files(directory) == ["a", "a/data.mdb"])
    }
  }

  @Test func `A damaged or foreign store is listed with its problem`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      for name in ["cut", "other", "sound"] { try stores.create(name).close() }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.path(of: "cut/data.mdb")))
      try handle.truncate(atOffset: 8_192)
      try handle.close()
      try Data("This is no LMDB file".utf8).write(to: URL(fileURLWithPath: directory.path(of: "other/data.mdb")))
      try FileManager.default.createDirectory(atPath: directory.path(of: "plain"), withIntermediateDirectories: false)
      _ = try Environment.open(directory.path(of: "plain"))
      let problems = try stores.list().map { $0.problem?.code }
      #expect(problems == [.truncated, .notAStore, .notAStore, nil])
    }
  }

  @Test func `What is read beside a busy writer is a state that there was`() throws {
    try withFreshStore { store in
      let stores = StoreDirectory(path: (store.path as NSString).deletingLastPathComponent)
      let other = try OtherProcess(store.path)
      try #expect(other.ask("start", "s") == "done")
      var last: UInt64 = 0
      var count = 0
      for _ in 0..<300 {
        let info = try stores.info("store")
        // A very busy writer may keep us from it; then it says so, and never lies.
        guard info.problem?.code != .busy else { continue }
        #expect(info.uuid == store.uuid, "\(String(describing: info.problem))")
        let revision = try #require(info.revision)
        #expect(revision >= last)
        // A commit is in the file a moment before it is announced to readers.
        try #expect(revision <= store.read { $0.revision } + 1)
        last = revision
        count += 1
      }
      #expect(count > 0)
      try #expect(Int(other.ask("stop")) ?? 0 > 0)
      try other.finish()
    }
  }

  @Test func `Of many who create a store one succeeds`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      let outcomes = Mutex<[LMKVError.Code?]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do {
          let store = try stores.create("a")
          outcomes.withLock { $0.append(nil) }
          try store.close()
        } catch {
          outcomes.withLock { $0.append((error as? LMKVError)?.code) }
        }
      }
      let codes = outcomes.withLock { $0 }
      #expect(codes.count { $0 == nil } == 1)
      #expect(codes.count { $0 == .storeExists } == 7, "\(codes)")
      expectError(.storeExists, naming: "\"a\"") { _ = try stores.create("a") }
    }
  }

  @Test func `What a killed creation leaves does not stand in the way, what is not ours does`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      for name in ["empty", "guarded", "photos"] {
        try FileManager.default.createDirectory(atPath: directory.path(of: name), withIntermediateDirectories: false)
      }
      try Data().write(to: URL(fileURLWithPath: directory.path(of: "guarded/open.lock")))
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path(of: "photos/cat.jpg")))
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path(of: "file")))
      try stores.create("empty").close()
      try stores.create("guarded").close()
      expectError(.storeExists, naming: "photos") { _ = try stores.create("photos") }
      expectError(.storeExists, naming: "file") { _ = try stores.create("file") }
      try #expect(stores.names() == ["empty", "guarded"])
    }
  }

  @Test func `A name that is no plain file name is refused`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try stores.create("good").close()
      // With a combining accent behind it a dot, or a slash, is no character of its own to `String`.
      let names = ["", ".", "..", ".hidden", ".\u{301}", "a/\u{301}b", "a/b", "../x", "a\0b"]
      for name in names + [String(repeating: "n", count: 256)] {
        expectError(.invalidName) { _ = try stores.create(name) }
        expectError(.invalidName) { _ = try stores.open(name) }
        expectError(.invalidName) { _ = try stores.info(name) }
        expectError(.invalidName) { try stores.delete(name) }
        expectError(.invalidName) { try stores.rename(name, to: "x") }
        expectError(.invalidName) { try stores.rename("good", to: name) }
      }
      for name in ["ümläut", "a b", "-f", String(repeating: "n", count: 255)] {
        try stores.create(name).close()
        try stores.delete(name)
      }
      try #expect(stores.names() == ["good"])
    }
  }

  @Test func `What is not there cannot be opened, renamed or deleted, and is not created by trying`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      expectError(.notFound, naming: "a") { _ = try stores.open("a") }
      expectError(.notFound, naming: "a") { _ = try stores.info("a") }
      expectError(.notFound, naming: "a") { try stores.rename("a", to: "b") }
      expectError(.notFound, naming: "a") { try stores.delete("a") }
      expectError(.notFound) { _ = try StoreDirectory(path: directory.path(of: "none")).list() }
      try #expect(files(directory) == [])
    }
  }

  @Test func `Renaming keeps what the store is, and never replaces anything`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      let store = try stores.create("a")
      let uuid = store.uuid
      try store.scope("s").set("k", 1)
      expectError(.storeInUse, naming: "\"a\"") { try stores.rename("a", to: "b") }
      try store.close()
      try stores.create("taken").close()
      try FileManager.default.createDirectory(atPath: directory.path(of: "empty"), withIntermediateDirectories: false)
      expectError(.storeExists, naming: "taken") { try stores.rename("a", to: "taken") }
      expectError(.storeExists, naming: "empty") { try stores.rename("a", to: "empty") }
      try stores.rename("a", to: "b")
      try #expect(stores.names() == ["b", "taken"])
      let renamed = try stores.open("b")
      #expect(renamed.uuid == uuid)
      try #expect(renamed.scope("s").get("k") == 1)
      try renamed.close()
    }
  }

  @Test func `A store that a process has open is deleted only by force`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try stores.create("a").close()
      let other = try OtherProcess(directory.path(of: "a"))
      try #expect(stores.info("a").isInUse)
      expectError(.storeInUse, naming: "\"a\"") { try stores.delete("a") }
      try #expect(other.ask("set", "s", "k", "old") == "done")
      try stores.delete("a", force: true)
      try #expect(files(directory) == [])
      // Whoever has it reads it still, beside a new one of the same name, and is soon told that it writes in vain.
      let new = try stores.create("a")
      try #expect(other.ask("get", "s", "k") == "old")
      var answer = "done"
      while answer == "done" { answer = try other.ask("set", "s", "k", "lost") }
      #expect(answer == "filesReplaced")
      try #expect(new.scope("s").get("k") == nil)
      try new.close()
      try other.finish()
      try #expect(!stores.info("a").isInUse)
      try stores.delete("a")
      try #expect(files(directory) == [])
    }
  }

  @Test func `A process that was killed does not use a store any more`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try stores.create("a").close()
      do {
        let other = try OtherProcess(directory.path(of: "a"))
        try #expect(other.ask("set", "s", "k", "v") == "done")
        try #expect(stores.info("a").isInUse)
      }
      try #expect(!stores.info("a").isInUse)
      try stores.delete("a")
    }
  }

  @Test func `Reading about a store that this process has open does not give up its locks`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      let store = try stores.create("a")
      try store.scope("s").set("k", "1")
      for _ in 0..<10 { try #expect(stores.list().count == 1) }
      expectError(.storeInUse) { try stores.delete("a") }
      // Were LMDB's locks gone, this opener would begin the shared memory anew under our feet.
      try store.read { snapshot in
        #expect(snapshot["s"]["k"] == "1")
        let other = try OtherProcess(store.path)
        try #expect(other.ask("increment", "t", "n", "20") == "done")
        #expect(snapshot["s"]["k"] == "1")
        try other.finish()
      }
      try #expect(stores.info("a").isInUse)
      try #expect(store.scope("t", of: Int.self).get("n") == 20)
      try store.close()
      try #expect(!stores.info("a").isInUse)
    }
  }

  @Test func `When the last value of a store is closed its files are`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      for _ in 0..<30 {
        // Creating it needs a thread of its own, which must not keep it.
        try stores.create("a").close()
        try #expect(stores.info("a").isInUse == false)
        try stores.delete("a")
      }
    }
  }

  @Test func `A directory with something else in it is not deleted`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      try stores.create("a").close()
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path(of: "a/notes.txt")))
      expectError(.inputOutput, naming: "notes.txt") { try stores.delete("a") }
      try FileManager.default.removeItem(atPath: directory.path(of: "a/notes.txt"))
      // What a killed deletion left goes with the next one.
      let trash = directory.path(of: ".lmkv-deleted-1")
      try FileManager.default.createDirectory(atPath: trash, withIntermediateDirectories: false)
      try Data("x".utf8).write(to: URL(fileURLWithPath: trash + "/data.mdb"))
      try stores.delete("a")
      try #expect(files(directory) == [])
    }
  }

  @Test func `Openers and deleters in a race leave a whole store or none`() throws {
    try withTemporaryDirectory { directory in
      let stores = StoreDirectory(path: directory.path)
      let path = directory.path(of: "a")
      let unexpected = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 4) { thread in
        for round in 0..<50 {
          do {
            if thread == 0 {
              try stores.delete("a")
            } else {
              let store = try Store(path: path)
              try store.scope("s").set("k\(thread)", .integer(Int128(round)))
              if try store.scope("s").get("k\(thread)") != .integer(Int128(round)) {
                unexpected.withLock { $0.append("lost") }
              }
              try store.close()
            }
          } catch let error as LMKVError where [.storeInUse, .notFound, .busy].contains(error.code) {
            // Somebody else was there first.
          } catch {
            unexpected.withLock { $0.append("\(error)") }
          }
        }
      }
      #expect(unexpected.withLock { $0 } == [])
      if try stores.names() == ["a"] { try #expect(stores.info("a").problem == nil) }
    }
  }
}
