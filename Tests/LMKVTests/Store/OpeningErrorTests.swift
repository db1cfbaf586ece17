import Foundation
import LMDB
import LMKV
import Testing

@Suite struct OpeningErrorTests {
  /// A directory with a `data.mdb` of these bytes.
  private func withDataFile(_ bytes: Data, _ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory throws in
      try bytes.write(to: directory.url.appendingPathComponent("data.mdb"))
      try body(directory.path)
      #expect(try Data(contentsOf: directory.url.appendingPathComponent("data.mdb")) == bytes, "the file was changed")
      #expect(openFiles(below: directory.path).isEmpty)
    }
  }

  private func readOnly() -> Store.Configuration { .init(access: .readOnly) }

  @Test func `A path without a parent is not found, and neither is a missing store that is opened for reading`() throws
  {
    try withTemporaryDirectory { directory throws in
      let deep = directory.path(of: "no/parent")
      expectError(.notFound, naming: deep) { _ = try Store(path: deep) }
      let missing = directory.path(of: "missing")
      expectError(.notFound, naming: missing) { _ = try Store(path: missing, configuration: readOnly()) }
      var configuration = Store.Configuration()
      configuration.createsIfMissing = false
      expectError(.notFound, naming: missing) { _ = try Store(path: missing, configuration: configuration) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }
  }

  @Test func `An empty directory is no store for a reader, and stays empty`() throws {
    try withTemporaryDirectory { directory throws in
      expectError(.notFound, naming: directory.path) {
        _ = try Store(path: directory.path, configuration: readOnly())
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(left == [])
    }
  }

  @Test func `A file is no directory`() throws {
    try withTemporaryDirectory { directory throws in
      let file = directory.path(of: "file")
      try Data("text".utf8).write(to: URL(fileURLWithPath: file))
      expectError(.notADirectory, naming: file) { _ = try Store(path: file) }
      expectError(.notADirectory, naming: file) { _ = try Store(path: file, configuration: readOnly()) }
      expectError(.notADirectory, naming: file) { _ = try Store(path: file + "/below") }
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func `A place where nobody may write is named`() throws {
    // Even the superuser creates nothing below /sys/kernel.
    let error = #expect(throws: LMKVError.self) { _ = try Store(path: "/sys/kernel/lmkv-test") }
    #expect(error?.code == .permissionDenied)
    #expect(error?.message.contains("/sys/kernel/lmkv-test") == true)
  }

  static let foreign: [String: Data] = [
    "text": Data(String(repeating: "just some text\n", count: 1_000).utf8),
    "short text": Data("hello".utf8),
    "PNG": Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + Data(repeating: 7, count: 10_000),
    "zeros": Data(count: 20_000),
  ]

  @Test(arguments: foreign.keys.sorted()) func `A foreign file is no store, and is left as it is`(kind: String) throws {
    try withDataFile(try #require(Self.foreign[kind])) { path in
      expectError(.notAStore, naming: path) { _ = try Store(path: path) }
      expectError(.notAStore, naming: path) { _ = try Store(path: path, configuration: readOnly()) }
    }
  }

  @Test func `A file of LMDB 1.0 is named as such`() throws {
    var bytes = Data(count: 8_192)
    for page in [0, 4_096] {
      bytes.replaceSubrange(page + 24..<page + 28, with: [0xDE, 0xC0, 0xEF, 0xBE])
      bytes[page + 28] = 3
    }
    try withDataFile(bytes) { path in
      expectError(.unsupportedFormat, naming: path, "1.0") { _ = try Store(path: path) }
    }
  }

  @Test func `A data file that was cut short is named, whoever opens it`() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory.path(of: "store")
      let file = path + "/data.mdb"
      let store = try Store(path: path)
      for index in 0..<2_000 {
        try store.transaction(durability: .relaxed()) { try $0["s"].set("\(index)", "some text") }
      }
      try store.close()
      let size = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
      for length in [size / 2, 8_192, 5_000, 100, 0] {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.truncate(atOffset: UInt64(length))
        try handle.close()
        expectError(.truncated, naming: path) { _ = try Store(path: path) }
        expectError(.truncated, naming: path) { _ = try Store(path: path, configuration: readOnly()) }
      }
    }
  }

  @Test func `An LMDB environment of another program is no store, and is left as it is`() throws {
    try withTemporaryDirectory { directory throws in
      for name in ["named", "plain"] {
        let path = directory.path(of: name)
        try foreignEnvironment(path, named: name == "named")
        let before = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
        expectError(.notAStore, naming: path) { _ = try Store(path: path) }
        expectError(.notAStore, naming: path) { _ = try Store(path: path, configuration: readOnly()) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")) == before)
      }
    }
  }

  private func foreignEnvironment(_ path: String, named: Bool) throws {
    let environment = try Environment.open(path)
    try environment.write { transaction in
      let database = named ? try transaction.createDatabase("theirs") : environment.mainDatabase
      try transaction.put("value", for: "key", in: database)
    }
  }

  @Test func `A store of a newer format says so`() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory.path(of: "store")
      try Store(path: path).close()
      try {
        let environment = try Environment.open(path)
        let metadata = try #require(try environment.openDatabase("lmkv"))
        try environment.write { try $0.put([3] as [UInt8], for: "format", in: metadata) }
      }()
      expectError(.unsupportedFormat, naming: path, "3", "2") { _ = try Store(path: path) }
      expectError(.unsupportedFormat, naming: path, "3", "2") {
        _ = try Store(path: path, configuration: readOnly())
      }
    }
  }

  @Test func `A second opener in the process shares the files, unless its options contradict`() throws {
    try withStorePath { path in
      let first = try Store(path: path)
      let second = try Store(path: path + "/../store/")
      #expect(first.uuid == second.uuid)
      try first.scope("s").set("a", 1)
      #expect(try second.scope("s").get("a") == 1)
      try second.scope("new").set("b", 2)
      try first.transaction { tx in
        #expect(try tx["new"].get("b") == 2)
        expectError(.nestedTransaction) { try second.scope("s").set("a", 2) }
        try tx[second.scope("s")].set("a", 3)
      }
      var configuration = Store.Configuration()
      configuration.maxSize = 1 << 20
      expectError(.openedDifferently, naming: path) { _ = try Store(path: path, configuration: configuration) }
      try first.close()
      #expect(try second.scope("s").get("a") == 3)
      let reader = try Store(path: path, configuration: readOnly())
      expectError(.readOnly, naming: path) { try reader.scope("s").set("a", 4) }
      try second.close()
      #expect(try reader.scope("s").get("a") == 3)
      try reader.close()
      // With all of them closed other options are right.
      try Store(path: path, configuration: configuration).close()
    }
  }

  @Test func `The identity of a store outlives its closing`() throws {
    try withStorePath { path in
      let uuids = try (0..<3).map { _ in
        let store = try Store(path: path)
        defer { try? store.close() }
        return store.uuid
      }
      #expect(Set(uuids).count == 1)
    }
  }
}
