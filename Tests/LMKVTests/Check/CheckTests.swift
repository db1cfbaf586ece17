import Foundation
import LMDB
import Synchronization
import Testing

@testable import LMKV

/// Every store that a test of this target leaves sound is checked at its end; see `StoreJudge`.
@Suite struct CheckTests {
  @Test("A sound store has no findings, and the figures of info")
  func sound() throws {
    try withStore { store in
      let scope = store.scope("s", of: String.self)
      for number in 0..<2_000 {
        try scope.set("key \(number)", "value \(number)", expires: number % 3 == 0 ? .seconds(60) : .never)
      }
      try store.scope("large", of: Data.self).set("k", Data(count: 100_000))
      try store.scope("dropped").set("k", 1)
      try store.dropScope("dropped")
      try store.lock("l").withLock {
        let report = try Store.check(path: store.path)
        #expect(report.findings == [] && report.isSound)
        #expect(report.uuid == store.uuid)
        #expect(report.sections.map(\.name) == ["pages", "store", "checkpoint", "log"])
        let info = try store.info()
        #expect(report.pages == UInt64(info.usedPages + info.freePages))
        #expect(report.entries == info.entries)
        #expect(report.revision == info.revision)
      }
    }
  }

  @Test("A store that is being written to is checked as of one moment, and is sound")
  func living() throws {
    try withStore(.init(durability: .relaxed())) { store in
      let isDone = Mutex(false)
      let writers = DispatchGroup()
      for writer in 0..<2 {
        DispatchQueue.global().async(group: writers) {
          var number = 0
          while !isDone.withLock({ $0 }) {
            number += 1
            let value = String(repeating: "x", count: number % 500)
            try? store.scope("s \(writer)", of: String.self)
              .set("key \(number % 3_000)", value, expires: .seconds(1_000 + number))
          }
        }
      }
      defer {
        isDone.withLock { $0 = true }
        writers.wait()
      }
      var revisions: Set<UInt64> = []
      while revisions.count < 12 {
        let report = try Store.check(path: store.path)
        #expect(report.findings.map(\.message) == [])
        report.revision.map { _ = revisions.insert($0) }
      }
    }
  }

  @Test("Progress is reported up to the end, and what it throws ends the check")
  func progress() throws {
    struct Stop: Error {}
    try withStore { store in
      try store.scope("s", of: Data.self).set("k", Data(count: 8 << 20))
      try store.scope("s", of: Data.self).remove("k")
      var seen: [CheckProgress] = []
      _ = try Store.check(path: store.path) { seen.append($0) }
      #expect(seen.count > 1 && seen.last?.pages == seen.last?.total)
      #expect(seen.map(\.pages) == seen.map(\.pages).sorted())
      #expect(throws: Stop.self) { try Store.check(path: store.path) { _ in throw Stop() } }
    }
  }

  @Test("What is no store, or not there, is said")
  func noStore() throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      expectError(.notFound, naming: path) { _ = try Store.check(path: path) }
      do {
        let environment = try Environment.open(path)
        try environment.write { try $0.put("world", for: "hello", in: environment.mainDatabase) }
      }
      let report = try Store.check(path: path)
      #expect(report.findings.map(\.kind) == [.catalog, .catalog])
      try Data("no database at all".utf8).write(to: URL(fileURLWithPath: "\(path)/data.mdb"))
      #expect(try Store.check(path: path).findings.map(\.kind) == [.header, .header])
      try Data().write(to: URL(fileURLWithPath: "\(path)/data.mdb"))
      #expect(try !Store.check(path: path).isSound)
    }
  }

  @Test("A store without a head, as mdb_load leaves it, is sound")
  func withoutHead() throws {
    try expect([]) { transaction, databases in
      _ = try transaction.delete("\0lmkv", in: databases.main)
    }
  }

  @Test("An entry's header, its revision and its value are looked at")
  func entries() throws {
    try expect([.entry]) { try $0.put([0x20] + header(1) + [0x01], for: "k", in: $1.scope) }
    try expect([.entry]) { try $0.put([0x10, 0], for: "k", in: $1.scope) }
    try expect([.entry]) { try $0.put([0x10] + header(0) + [0x01], for: "k", in: $1.scope) }
    try expect([.entry]) { try $0.put([0x10] + header(1 << 40) + [0x01], for: "k", in: $1.scope) }
    try expect([.entry]) { try $0.put([0x10] + header(1) + [0x01], for: [0xFF], in: $1.scope) }
    // Nothing, two items, an item that is cut off, text that is no UTF-8.
    for item: [UInt8] in [[], [0x01, 0x01], [0x62, 0x61], [0x61, 0xFF], [0x81, 0x61, 0xFF], [0xFF], [0x1C]] {
      try expect([.value]) { try $0.put([0x10] + header(1) + item, for: "k", in: $1.scope) }
    }
    // What LMKV does not write, and is well formed.
    for item: [UInt8] in [[0x18, 0x01], [0x9F, 0x01, 0xFF], [0x7F, 0x61, 0x61, 0xFF], [0xD9, 0xD9, 0xF7, 0x01]] {
      try expect([]) { try $0.put([0x10] + header(1) + item, for: "k", in: $1.scope) }
    }
  }

  @Test("The index of expiries is complete and can be used")
  func expiries() throws {
    try expect([.expiry]) { try $0.put([0x11] + header(1) + header(5_000) + [0x01], for: "k", in: $1.scope) }
    try expect([.expiry]) { try $0.put([0x80], for: [UInt8](repeating: 1, count: 16), in: $1.expiry) }
    let pair: [UInt8] = [0x82, 0x61, 0x61, 0x61, 0x61]
    try expect([.expiry]) { try $0.put(pair, for: [UInt8](repeating: 1, count: 16), in: $1.expiry) }
    try expect([.expiry]) { try $0.put([0x80], for: [1], in: $1.expiry) }
    // Of an entry that has another expiry by now, which is legal, and of a named DB that never was.
    for (database, kinds): (String, [CheckReport.Kind]) in [("scope:s", []), ("scope:never", [.expiry])] {
      try expect(kinds) { transaction, databases in
        let place = [UInt8(ascii: "k")].withUnsafeBytes { ExpiryIndex.Place(7, of: $0, in: database) }
        let pair: [UInt8] =
          [0x82, 0x60 + UInt8(database.utf8.count)] + Array(database.utf8) + [0x61, UInt8(ascii: "k")]
        try transaction.put(pair, for: place.withBytes { Array($0) }, in: databases.expiry)
      }
    }
  }

  @Test("The catalog and the store's own records are looked at")
  func catalog() throws {
    try expect([.catalog]) { try $0.put("world", for: "hello", in: $1.main) }
    try expect([.catalog]) { try $0.put([0x09], for: "format", in: $1.metadata) }
    try expect([.catalog]) { _ = try $0.delete("uuid", in: $1.metadata) }
    try expect([.catalog, .catalog]) { try $0.put([0x00], for: "uuid", in: $1.metadata) }
    try expect([.catalog, .catalog]) { try $0.put([0x62], for: "revision", in: $1.metadata) }
    try expect([.catalog]) { try $0.put([0x01], for: "unknown", in: $1.metadata) }
    try expect([.catalog]) { _ = try $0.delete("scope/s", in: $1.metadata) }
    try expect([.catalog]) { try $0.put([0x61, UInt8(ascii: "x")], for: "scope/t", in: $1.metadata) }
    try expect([.catalog]) { try $0.put([0xF6], for: "retired/scope:none", in: $1.metadata) }
    try expect([.catalog, .catalog]) { try $0.put([0xF6], for: "retired/scope:s", in: $1.metadata) }
    try expect([.catalog]) { try $0.put([0x67] + Array("scope:s".utf8), for: "scope/t", in: $1.metadata) }
    try expect([.catalog]) { try $0.put([1, 2, 3], for: "\0lmkv", in: $1.main) }
    try expect([.catalog]) { transaction, _ in _ = try transaction.createDatabase("scope:lost") }
  }

  // MARK: Support

  private struct Databases {
    let main, metadata, expiry, scope: Database
  }

  /// Eight bytes.
  private func header(_ number: UInt64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  /// Changes a store of one scope "s" from below, and expects findings of these kinds and no others.
  private func expect(
    _ kinds: [CheckReport.Kind],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (borrowing WriteTransaction, Databases) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let path = directory.path(of: "store")
      let store = try Store(path: path)
      try store.scope("s").set("sound", 1, expires: .seconds(60))
      try store.close()
      do {
        let environment = try Environment.open(path)
        let databases = Databases(
          main: environment.mainDatabase,
          metadata: try #require(try environment.openDatabase("lmkv")),
          expiry: try #require(try environment.openDatabase("expiry")),
          scope: try #require(try environment.openDatabase("scope:s"))
        )
        try environment.write { transaction in try change(transaction, databases) }
      }
      let report = try Store.check(path: path)
      #expect(report.findings.map(\.kind) == kinds, "\(report.findings.map(\.message))", sourceLocation: sourceLocation)
      #expect(report.findings.allSatisfy { $0.message.hasSuffix(".") }, sourceLocation: sourceLocation)
      #expect(report.sections[0].findings == [], "the pages are sound", sourceLocation: sourceLocation)
    }
  }
}
