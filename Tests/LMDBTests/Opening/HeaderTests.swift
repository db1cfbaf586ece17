import Foundation
import LMDB
import LMDBPlatform
import Testing

@Suite struct HeaderTests {
  /// A store with some pages, and the bytes of its data file changed.
  private func expectCode(
    _ expected: LMDBError.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout Data) -> Void
  ) throws {
    try withDirectory(.closed) { directory in
      try fill(directory)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: directory.dataFile))
      change(&bytes)
      try bytes.write(to: URL(fileURLWithPath: directory.dataFile))
      let found = code(sourceLocation: sourceLocation) { _ = try directory.open() }
      #expect(found == expected, sourceLocation: sourceLocation)
      #expect(
        code(sourceLocation: sourceLocation) { _ = try directory.open { $0.access = .readOnly } } == expected,
        sourceLocation: sourceLocation
      )
    }
  }

  private func fill(_ directory: TestDirectory) throws {
    let environment = try directory.open()
    let database = try environment.database()
    try environment.write { transaction in
      for number in 0..<2_000 {
        try transaction.put(String(repeating: "v", count: 100), for: "\(number)", in: database)
      }
    }
  }

  /// Writes a number into both header pages.
  private static func patch<T: FixedWidthInteger>(_ bytes: inout Data, _ offset: Int, _ number: T) {
    for page in [0, 4_096] {
      withUnsafeBytes(of: number.littleEndian) {
        bytes.replaceSubrange(page + offset..<page + offset + $0.count, with: $0)
      }
    }
  }

  @Test func `an empty file where there was a store is truncated`() throws {
    try expectCode(.truncated) { $0 = Data() }
  }

  @Test func `an empty file where there never was a store is a new one`() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory.store, withIntermediateDirectories: false)
      try Data().write(to: URL(fileURLWithPath: directory.dataFile))
      #expect(try directory.open().databaseNames() == [])
    }
  }

  @Test(arguments: [0..<512, 4_096..<4_608, 0..<4_096, 100..<100])
  func `a new file of which a power failure left a part is begun anew, and only that`(_ left: Range<Int>) throws {
    try withDirectory(.closed) { directory in
      do { _ = try directory.open() }
      let url = URL(fileURLWithPath: directory.dataFile)
      let whole = try Data(contentsOf: url)
      #expect(whole.count == 8_192)
      var torn = Data(count: whole.count)
      torn.replaceSubrange(left, with: whole[left])
      try torn.write(to: url)
      // The mark says that it was once whole: then a part is damage.
      let found = code { _ = try directory.open() }
      #expect(found == .invalid)
      try FileManager.default.removeItem(atPath: directory.store + "/open.lock")
      #expect(code { _ = try directory.open { $0.access = .readOnly } } == .invalid)
      var foreign = torn
      foreign[5_000] = 1
      try foreign.write(to: url)
      #expect(code { _ = try directory.open() } == .invalid)
      #expect(try Data(contentsOf: url) == foreign)
      try torn.prefix(left.contains(4_096) ? 8_192 : 4_096).write(to: url)
      #expect(try directory.open().databaseNames() == [])
    }
  }

  @Test func `a text file is invalid`() throws {
    try expectCode(.invalid) { $0 = Data(String(repeating: "Dear diary, ", count: 2_000).utf8) }
    try expectCode(.invalid) { $0 = Data("short".utf8) }
  }

  @Test func `a picture is invalid`() throws {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
    try expectCode(.invalid) { $0 = Data(png) + Data(repeating: 0xA5, count: 9_000) }
  }

  @Test(arguments: [151, 4_095, 4_096, 5_000, 8_191, 8_192, 40_960])
  func `a file that ends early is truncated`(size: Int) throws {
    try expectCode(.truncated) { $0 = $0.prefix(size) }
  }

  @Test func `a file of half its length is truncated`() throws {
    try expectCode(.truncated) { $0 = $0.prefix($0.count / 2 / 4_096 * 4_096) }
    try expectCode(.truncated) { $0 = $0.prefix($0.count - 1) }
  }

  @Test(arguments: [0, 3, 100, 5_000, 65_536, .max] as [UInt32])
  func `a page size that cannot be is invalid`(size: UInt32) throws {
    try expectCode(.invalid) { Self.patch(&$0, 40, size) }
  }

  @Test func `headers that disagree about the page size are invalid`() throws {
    try expectCode(.invalid) { $0.replaceSubrange(4_096 + 40..<4_096 + 44, with: [0, 0x20, 0, 0]) }
  }

  @Test func `roots outside of the file are corruption`() throws {
    try expectCode(.corrupted) { Self.patch(&$0, 80, UInt64(1) << 40) }
    try expectCode(.corrupted) { Self.patch(&$0, 128, UInt64(100_000)) }
    try expectCode(.corrupted) { Self.patch(&$0, 128, UInt64(1)) }
  }

  @Test func `a last page beyond every file is damage`() throws {
    try expectCode(.corrupted) { Self.patch(&$0, 136, UInt64.max - 1) }
    try expectCode(.corrupted) { Self.patch(&$0, 136, UInt64(1) << 40) }
    try expectCode(.truncated) { Self.patch(&$0, 136, UInt64(1) << 39) }
  }

  @Test(arguments: [62, 63, 2, 0])
  func `a changed bit of a transaction ID does not make the older state the newest, nor stop the process`(
    bit: UInt64
  ) throws {
    for page in 0..<2 { try expectCode(.corrupted) { $0[page * 4_096 + 144 + Int(bit / 8)] ^= 1 << UInt8(bit % 8) } }
  }

  @Test func `a map of a size that no file has is corruption`() throws {
    for page in 0..<2 { try expectCode(.corrupted) { $0[page * 4_096 + 39] ^= 1 << 6 } }
  }

  @Test(arguments: [0x3fff, 0x7fff, 0xfffe, 0xffff, 0] as [UInt16])
  func `flags that the list of free pages never has are corruption`(flags: UInt16) throws {
    try expectCode(.corrupted) { data in
      for page in 0..<2 {
        data[page * 4_096 + 44] = UInt8(truncatingIfNeeded: flags)
        data[page * 4_096 + 45] = UInt8(flags >> 8)
      }
    }
  }

  @Test func `other versions are told apart`() throws {
    try expectCode(.newerFormat) { Self.patch(&$0, 20, UInt32(3)) }
    try expectCode(.versionMismatch) { Self.patch(&$0, 20, UInt32(0)) }
    // LMDB 1.0 has a page header of 24 bytes.
    try expectCode(.newerFormat) { bytes in
      bytes = Data(repeating: 0, count: 8_192)
      Self.patch(&bytes, 24, UInt32(0xBEEF_C0DE))
      Self.patch(&bytes, 28, UInt32(3))
    }
  }

  @Test func `a file that lacks only free pages at its end opens`() throws {
    try withDirectory(.soundToOthers) { directory in
      do {
        let environment = try directory.open()
        let database = try environment.database()
        // Free pages at the beginning of the file, for the commits at the end.
        for _ in 0..<10 { try environment.put("old", for: "key", in: database) }
        try environment.write { try $0.put([UInt8](repeating: 1, count: 1 << 20), for: "large", in: database) }
        try environment.write { try $0.delete("large", in: database) }
        for _ in 0..<5 { try environment.put("still", for: "key", in: database) }
      }
      let before = try Data(contentsOf: URL(fileURLWithPath: directory.dataFile)).count
      let kept = 40 * 4_096
      #expect(before > 250 * 4_096)
      truncate(directory.dataFile, kept)
      let environment = try directory.open()
      #expect(try environment.text("key", in: environment.database()) == "still")
    }
  }

  @Test func `a free list that leads in circles ends`() throws {
    try withDirectory(.closed) { directory in
      try fill(directory)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: directory.dataFile))
      // The free list's root is a branch page of many nodes that all lead to itself.
      let root = 5
      var page = Data(repeating: 0, count: 4_096)
      let nodes = 200
      page.replaceSubrange(10..<14, with: [1, 0] + littleEndian(UInt16(16 + 2 * nodes)))
      for node in 0..<nodes { page.replaceSubrange(16 + 2 * node..<18 + 2 * node, with: littleEndian(UInt16(4_000))) }
      page.replaceSubrange(4_000..<4_002, with: littleEndian(UInt16(root)))
      bytes.replaceSubrange(root * 4_096..<(root + 1) * 4_096, with: page)
      Self.patch(&bytes, 80, UInt64(root))
      Self.patch(&bytes, 136, UInt64(bytes.count / 4_096 + 10))
      try bytes.write(to: URL(fileURLWithPath: directory.dataFile))
      #expect(code { _ = try directory.open() } == .corrupted)
    }
  }

  private func littleEndian(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
}
