import Foundation
import LMKV
import Testing

/// Stores on media that cannot be written, or that keep old files beside new ones.
@Suite struct MediaTests {
  private func opening(_ access: Store.Configuration.Access) -> Store.Configuration { .init(access: access) }

  @Test func `An immutable store is read without locks, and nothing is created`() throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      let writer = try Store(path: path)
      try writer.scope("s").set("k", 1)
      expectError(.openedDifferently, naming: path) { _ = try Store(path: path, configuration: opening(.immutable)) }
      try writer.close()
      for file in ["lock.mdb", "open.lock", "control"] { unlink("\(path)/\(file)") }
      let before = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      let store = try Store(path: path, configuration: opening(.immutable))
      #expect(try store.scope("s").get("k") == 1)
      #expect(try store.info().readers.isEmpty && store.readers().isEmpty)
      #expect(try store.coordinationInfos().isEmpty)
      expectError(.readOnly, naming: path) { try store.scope("s").set("k", 2) }
      expectError(.coordinationUnavailable, naming: path) { try store.lock("l").withLock {} }
      try store.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == before)
      let missing = directory.path(of: "missing")
      expectError(.notFound, naming: missing) { _ = try Store(path: missing, configuration: opening(.immutable)) }
    }
  }

  @Test func `A store whose last commits are in its log is not opened as immutable`() throws {
    try withTemporaryDirectory { directory in
      let store = try Store(path: directory.path(of: "store"), configuration: .init(durability: .relaxed()))
      // A copy of the files while a relaxed commit is not in the data file for good. On a busy machine it may be by then.
      var isRefused = false
      // The first commit by itself is left to LMDB.
      try store.scope("s", of: Int.self).increment("n")
      for copy in 0..<1_000 where !isRefused {
        let path = directory.path(of: "copy-\(copy)")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try store.scope("s", of: Int.self).increment("n")
        for file in ["checkpoint", "data.mdb", "redo"] {
          try FileManager.default.copyItem(atPath: "\(store.path)/\(file)", toPath: "\(path)/\(file)")
        }
        do {
          try Store(path: path, configuration: opening(.immutable)).close()
        } catch let error as LMKVError {
          #expect(error.code == .recoveryNeeded && error.message.contains(path), "\(error)")
          isRefused = true
        }
      }
      #expect(isRefused)
      let path = store.path
      try store.close()
      let closed = try Store(path: path, configuration: opening(.immutable))
      #expect(try closed.scope("s", of: Int.self).get("n") ?? 0 > 0)
      try closed.close()
    }
  }

  #if os(Linux)
    @Test func `On a read-only file system a store is refused, and opened as immutable`() throws {
      try withTemporaryDirectory { directory in
        let (medium, view) = (directory.path(of: "medium"), directory.path(of: "view"))
        for path in [medium, view] {
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        let store = try Store(path: medium + "/store")
        try store.scope("s").set("k", 1)
        try mounting(medium, view, nil, UInt(MS_BIND)) {
          guard mount(nil, view, nil, UInt(MS_BIND | MS_REMOUNT | MS_RDONLY), nil) == 0 else {
            throw MissingRequirement(description: "a mount cannot be made read-only: errno \(errno)")
          }
          // The living store has the same files open, by a mount that can be written.
          for access in [Store.Configuration.Access.readOnly, .readWrite] {
            expectError(.readOnlyFileSystem, naming: view, "read-only", "immutable") {
              _ = try Store(path: view + "/store", configuration: opening(access))
            }
          }
          try store.close()
          let reader = try Store(path: view + "/store", configuration: opening(.immutable))
          #expect(try reader.scope("s").get("k") == 1)
          try reader.close()
        }
      }
    }

    @Test func `On overlayfs a reader sees what others write, although the store came from the lower layer`() throws {
      try withTemporaryDirectory { directory in
        let base = directory.path(of: "base")
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: false)
        // The upper layer cannot be on overlayfs itself, where a container's files are.
        try mounting("none", base, "tmpfs", 0) {
          for name in ["lower", "upper", "work", "merged"] {
            try FileManager.default.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: false)
          }
          let made = try Store(path: base + "/lower/store")
          try made.scope("s", of: String.self).set("k", "0")
          try made.close()
          let layers = "lowerdir=\(base)/lower,upperdir=\(base)/upper,workdir=\(base)/work"
          try mounting("none", base + "/merged", "overlay", 0, layers) {
            let path = base + "/merged/store"
            let reader = try Store(path: path, configuration: opening(.readOnly))
            #expect(try reader.scope("s", of: String.self).get("k") == "0")
            let writer = try OtherProcess(path)
            for number in 1...20 {
              try #expect(writer.ask("set", "s", "k", "\(number)") == "done")
              #expect(try reader.scope("s", of: String.self).get("k") == "\(number)")
            }
            try writer.finish()
            try reader.close()
          }
        }
      }
    }

    @Test func `On a small disk the log leaves room, and removing works where it is full`() throws {
      try withTemporaryDirectory { directory in
        let disk = directory.path(of: "disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        try mounting("none", disk, "tmpfs", 0, "size=20m") {
          func size(_ name: String) -> Int {
            (try? FileManager.default.attributesOfItem(atPath: "\(disk)/store/\(name)")[.size] as? Int) ?? 0
          }
          var configuration = Store.Configuration(durability: .relaxed())
          configuration.maxReaders = 126
          let store = try Store(path: disk + "/store", configuration: configuration)
          let scope = store.scope("s", of: [UInt8].self)
          for _ in 0..<40 {
            for number in 0..<240 { try scope.set("\(number)", [UInt8](repeating: 1, count: 10_000)) }
          }
          #expect(size("redo") < 8 << 20)
          // Somebody else takes all that is left.
          let ballast = open(disk + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
          defer { close(ballast) }
          let page = [UInt8](repeating: 1, count: 4_096)
          while write(ballast, page, page.count) > 0 {}
          // The log gives its room back, at the latest when a commit found none.
          do { try scope.clear() } catch let error as LMKVError where error.code == .diskFull { try scope.clear() }
          #expect(try scope.count() == 0)
          for number in 0..<100 { try scope.set("\(number)", [1]) }
          for number in 0..<100 { try scope.remove("\(number)") }
          #expect(size("redo") <= (1 << 20) + 4_096)
          try store.close()
        }
      }
    }

    /// Runs a body with something mounted; without the right to mount the test is skipped.
    private func mounting(
      _ source: String,
      _ target: String,
      _ type: String?,
      _ flags: UInt,
      _ data: String = "",
      _ body: () throws -> Void
    ) throws {
      guard data.withCString({ mount(source, target, type, flags, $0) }) == 0 else {
        try skipUnlessCI("nothing can be mounted (errno \(errno))")
      }
      defer { umount2(target, Int32(MNT_DETACH)) }
      try body()
    }
  #endif
}
