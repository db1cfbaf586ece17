import Foundation
import LMDB
import LMDBPlatform
import Testing

@Suite struct CopyTests {
  private func keys(_ environment: Environment) throws -> [String] {
    let database = try #require(try environment.openDatabase("main"))
    return try environment.read { try $0.withCursor(in: database) { try $0.keys() } }
  }

  private func size(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  @Test func `a copy has the same content, and a compacting one is smaller`() throws {
    try withDirectory(.soundToOthers) { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        for number in 0..<5_000 {
          try transaction.put(String(repeating: "v", count: 100), for: "\(number)", in: database)
        }
      }
      try environment.write { transaction in
        for number in 100..<5_000 { try transaction.delete("\(number)", in: database) }
      }
      var sizes: [Int] = []
      for compacting in [false, true] {
        let copy = TestDirectory(path: directory.path + "/\(compacting)")
        try FileManager.default.createDirectory(atPath: copy.store, withIntermediateDirectories: true)
        try environment.copy(to: copy.dataFile, compacting: compacting)
        sizes.append(try size(copy.dataFile))
        #expect(try FileManager.default.contentsOfDirectory(atPath: copy.store) == ["data.mdb"])
        #expect(try keys(try copy.open()) == keys(environment))
      }
      #expect(sizes[1] < sizes[0] / 5)
    }
  }

  @Test func `a copy replaces nothing`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      try environment.put("x", for: "x", in: environment.database())
      let target = directory.path + "/copy.mdb"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
      #expect(code { try environment.copy(to: target) } == .system(EEXIST))
      #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
      #expect(code { try environment.copy(to: directory.path + "/none/copy.mdb") } == .system(ENOENT))
      #expect(code { try environment.copy(to: directory.store) } == .system(EEXIST))
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["copy.mdb", "store"])
    }
  }

  @Test func `a copy inside a write transaction throws, and beside one it waits`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let database = try environment.database()
      try environment.write { transaction in
        #expect(code { try environment.copy(to: directory.path + "/copy.mdb") } == .nestedWrite)
        try transaction.put("x", for: "x", in: database)
      }
      try onThreads(3) { thread in
        if thread == 0 {
          for number in 0..<200 { try environment.put("\(number)", for: "key", in: database) }
        } else {
          for number in 0..<10 {
            try environment.copy(to: directory.path + "/\(thread)-\(number).mdb", compacting: number % 2 == 0)
          }
        }
      }
    }
  }

  @Test func `a copy keeps its file to the user`() throws {
    try withDirectory { directory in
      let environment = try directory.open()
      let target = directory.path + "/copy.mdb"
      try environment.copy(to: target)
      let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }
}
