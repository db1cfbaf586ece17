import Foundation
import LMDB
import LMDBPlatform
import Testing

@Suite struct PathTests {
  @Test func `a directory is created, but not its parent`() throws {
    try withDirectory(.closed) { directory in
      #expect(code { _ = try Environment.open(directory.path + "/a/b") } == .system(ENOENT))
      #expect(code { _ = try Environment.open("") } == .system(ENOENT))
      let environment = try Environment.open(directory.path + "/a/")
      #expect(environment.path == directory.path + "/a")
    }
  }

  @Test func `a file where the directory should be is refused`() throws {
    try withDirectory(.closed) { directory in
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.store))
      #expect(code { _ = try directory.open() } == .system(ENOTDIR))
      #expect(code { _ = try Environment.open(directory.store + "/below") } == .system(ENOTDIR))
    }
  }

  @Test func `a directory that takes no files is refused`() throws {
    try withDirectory(.closed) { _ in
      let refusal = code { _ = try Environment.open("/proc/self/store") }
      #expect(refusal == .system(ENOENT) || refusal == .system(EACCES) || refusal == .system(EPERM))
      let inside = code { _ = try Environment.open("/proc/self") }
      #expect(inside == .system(ENOENT) || inside == .readOnly || inside == .system(EPERM))
    }
  }

  @Test func `without rights nothing opens`() throws {
    // The superuser may do everything.
    guard geteuid() != 0 else { return }
    try withDirectory(.closed) { directory in
      _ = try directory.open()
      chmod(directory.dataFile, 0)
      #expect(code { _ = try directory.open() } == .readOnly)
      chmod(directory.dataFile, 0o600)
      chmod(directory.store, 0)
      #expect(code { _ = try directory.open() } == .readOnly)
      chmod(directory.store, 0o700)
    }
  }

  @Test func `files are the user's alone unless asked otherwise`() throws {
    func mode(_ path: String) throws -> Int {
      try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
    try withDirectory { directory in
      _ = try directory.open()
      #expect(try mode(directory.store) == 0o700)
      for name in ["data.mdb", "lock.mdb", "open.lock"] {
        #expect(try mode(directory.store + "/" + name) == 0o600, "\(name)")
      }
    }
  }

  @Test func `opening for reading creates nothing`() throws {
    try withDirectory(.closed) { directory in
      #expect(code { _ = try directory.open { $0.access = .readOnly } } == .system(ENOENT))
      #expect(FileManager.default.fileExists(atPath: directory.store) == false)
      try FileManager.default.createDirectory(atPath: directory.store, withIntermediateDirectories: false)
      #expect(code { _ = try directory.open { $0.access = .readOnly } } == .system(ENOENT))
      #expect(code { _ = try directory.open { $0.createsIfMissing = false } } == .system(ENOENT))
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.store) == [])
    }
  }

  @Test func `an environment for reading refuses to write`() throws {
    try withDirectory { directory in
      do {
        let environment = try directory.open()
        try environment.put("value", for: "key", in: environment.database())
      }
      let environment = try directory.open { $0.access = .readOnly }
      let database = try #require(try environment.openDatabase("main"))
      #expect(try environment.text("key", in: database) == "value")
      #expect(code { try environment.write { _ in } } == .readOnly)
      #expect(code { try environment.sync() } == .readOnly)
    }
  }

  @Test func `an immutable environment is read without locks, and nothing is created`() throws {
    try withDirectory(.closed) { directory in
      do {
        let environment = try directory.open()
        try environment.put("value", for: "key", in: environment.database())
        #expect(code { _ = try directory.open { $0.access = .immutable } } == .openWithOtherOptions)
      }
      for file in ["lock.mdb", "open.lock"] { unlink(directory.store + "/" + file) }
      do {
        let environment = try directory.open { $0.access = .immutable }
        let database = try #require(try environment.openDatabase("main"))
        #expect(try environment.text("key", in: database) == "value")
        #expect(try environment.readers() == [])
        #expect(code { try environment.write { _ in } } == .readOnly)
        for access in [Environment.Configuration.Access.readOnly, .readWrite] {
          #expect(code { _ = try directory.open { $0.access = access } } == .openWithOtherOptions)
        }
        #expect(try directory.open { $0.access = .immutable } === environment)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.store) == ["data.mdb"])
      #expect(code { _ = try Environment.open(directory.store + "/missing", .immutable) } == .system(ENOENT))
    }
  }

  @Test func `a working directory that changes does not matter`() throws {
    // The working directory belongs to the whole process, so this changes none: the path must be absolute by now.
    try withDirectory { directory in
      let environment = try Environment.open(String(repeating: "../", count: 30) + directory.store.dropFirst())
      #expect(environment.path == directory.store)
    }
  }

  @Test func `a data file that is a link or no file is refused`() throws {
    try withDirectory(.closed) { directory in
      try FileManager.default.createDirectory(atPath: directory.store, withIntermediateDirectories: false)
      symlink("/nowhere", directory.dataFile)
      #expect(code { _ = try directory.open() } == .system(ELOOP))
      unlink(directory.dataFile)
      mkfifo(directory.dataFile, 0o600)
      #expect(code { _ = try directory.open() } == .system(ESPIPE))
      unlink(directory.dataFile)
      mkdir(directory.dataFile, 0o700)
      #expect(code { _ = try directory.open() } == .system(EISDIR))
    }
  }
}

extension Environment.Configuration {
  fileprivate static var immutable: Self {
    var configuration = Self()
    configuration.access = .immutable
    return configuration
  }
}
