import Foundation
import LMDB
import Testing

/// Every test of this target whose store ends sound has it checked; here are the damaged ones.
@Suite struct FileCheckTests {
  private static let pageSize = 4_096

  /// A data file with branch, leaf, overflow and free pages, of two databases.
  private static func fill(_ directory: TestDirectory) throws {
    let environment = try directory.open()
    let (main, other) = try environment.write { transaction in
      (try transaction.createDatabase("main"), try transaction.createDatabase("other"))
    }
    try environment.write { transaction in
      for number in 0..<3_000 {
        try transaction.put(String(repeating: "v", count: number % 90), for: "key \(number)", in: main)
      }
      for number in 0..<20 {
        try transaction.put(String(repeating: "large", count: 400 * number), for: "large \(number)", in: other)
      }
    }
    // Each leaves a record in the list of free pages.
    for step in 0..<8 {
      try environment.write { transaction in
        for number in stride(from: step, to: 3_000, by: 20) { _ = try transaction.delete("key \(number)", in: main) }
        _ = try transaction.delete("large \(step)", in: other)
      }
    }
  }

  /// The findings after a change of the bytes of such a file.
  private func findings(_ change: (inout FileBytes) throws -> Void) throws -> Checked {
    var checked: Checked?
    try withDirectory(.closed) { directory in
      try Self.fill(directory)
      let file = URL(fileURLWithPath: directory.dataFile)
      var bytes = FileBytes(bytes: Array(try Data(contentsOf: file)))
      try change(&bytes)
      try Data(bytes.bytes).write(to: file)
      checked = try check(directory.dataFile)
    }
    return try #require(checked)
  }

  @Test func `a sound file has no findings, and each entry is met once`() throws {
    let checked = try findings { _ in }
    #expect(checked.findings == [])
    #expect(checked.figures.databases.map { String(decoding: $0.name, as: UTF8.self) } == ["main", "other"])
    #expect(checked.figures.databases.map(\.record.entries) == [1_800, 12])
    #expect(checked.entries.count == 1_812 && Set(checked.entries).count == 1_812)
    #expect(checked.figures.freePages > 0)
    #expect(checked.progress.last == checked.figures.pages)
    #expect(checked.progress == checked.progress.sorted())
  }

  @Test func `a file that ends too early is named as one`() throws {
    #expect(try findings { $0.bytes.removeLast(20 * Self.pageSize) }.kinds.contains(.truncated))
    #expect(try findings { $0.bytes.removeAll() }.kinds == [.header])
    #expect(try findings { $0.bytes.removeLast($0.bytes.count - 4_200) }.kinds.isSuperset(of: [.header]))
  }

  @Test func `a page of zeros is found, with its number`() throws {
    var zeroed: UInt64 = 0
    let checked = try findings { file in
      let page = try #require(file.pages(2).first)
      zeroed = UInt64(page)
      file.zero(page)
    }
    #expect(checked.findings.first?.page == zeroed)
    #expect(checked.findings.first?.kind == .page)
    // What was below or in it is not lost without a word.
    #expect(checked.kinds.isSubset(of: [.page, .lost]))
  }

  @Test func `pages that were swapped are found`() throws {
    let checked = try findings { file in
      let leaves = file.pages(2)
      file.swap(leaves[0], leaves[1])
    }
    #expect(checked.findings.count { $0.kind == .page } >= 2)
  }

  @Test func `a page that stands in for another one is found by its keys, or because it is used twice`() throws {
    let checked = try findings { file in
      let leaves = file.pages(2)
      file.copy(leaves[2], to: leaves[5])
      file.store(UInt64(leaves[5]), leaves[5] * Self.pageSize)
    }
    #expect(!checked.kinds.isDisjoint(with: [.order, .usedTwice, .record]))
  }

  @Test func `a child that is its own ancestor ends the walk`() throws {
    let checked = try findings { file in
      let branch = try #require(file.pages(1).first)
      let node = file.load(branch * Self.pageSize + 16, UInt16.self)
      file.store(UInt16(truncatingIfNeeded: branch), branch * Self.pageSize + Int(node))
    }
    #expect(checked.kinds.contains(.usedTwice))
  }

  @Test func `a record that counts otherwise is found`() throws {
    let checked = try findings { file in
      let meta = file.newestMeta
      file.store(file.load(meta + 88 + 32, UInt64.self) + 1, meta + 88 + 32)
    }
    #expect(checked.kinds == [.record])
    #expect(checked.findings.first?.message == "The record of the main database says 3 entries, and it has 2.")
  }

  @Test func `a page that is used and free, and one that is neither, are found`() throws {
    let checked = try findings { file in
      // The first record of the list of free pages is in its leaf, which is its root here.
      let root = Int(file.load(file.newestMeta + 40 + 40, UInt64.self)) * Self.pageSize
      let node = root + Int(file.load(root + 16, UInt16.self))
      let first = node + 8 + 8 + 8
      #expect(file.load(first, UInt64.self) > 3)
      let leaf = try #require(file.pages(2).first { UInt64($0) < file.load(first, UInt64.self) })
      let last = first + 8 * (Int(file.load(first - 8, UInt64.self)) - 1)
      file.store(UInt64(leaf), last)
    }
    #expect(checked.kinds.isSuperset(of: [.lost]))
    #expect(!checked.kinds.isDisjoint(with: [.usedTwice, .freeList]))
  }

  @Test func `each of the two meta pages is looked at`() throws {
    for page in 0..<2 {
      #expect(try findings { $0.bytes[page * Self.pageSize + 16] ^= 1 }.kinds.contains(.header))
      #expect(try findings { $0.bytes[page * Self.pageSize + 144] ^= 4 }.kinds.contains(.header))
    }
    // A last page beyond all measure reserves nothing.
    let checked = try findings { $0.store(UInt64.max / 8_192, $0.newestMeta + 120 + 16) }
    #expect(!checked.kinds.isDisjoint(with: [.truncated, .header]))
  }

  @Test func `what a check of the progress throws ends it`() throws {
    struct Stop: Error {}
    try withDirectory { directory in
      try Self.fill(directory)
      let descriptor = open(directory.dataFile, O_RDONLY)
      defer { close(descriptor) }
      #expect(throws: Stop.self) {
        try FileCheck.run(
          descriptor,
          directory.dataFile,
          FileCheck.Handlers(finding: { _ in }, progress: { _, _ in throw Stop() })
        )
      }
    }
  }

  /// A bit may turn in a key or a value, and then everything else is as it was; or in what nothing uses.
  @Test func `a turned bit is found, or changes no more than one entry`() throws {
    let given = ProcessInfo.processInfo.environment["LMKV_SEED"]
    let seed = try given.map { try #require(UInt64($0)) } ?? .random(in: .min ... .max)
    var random = Mixer(state: seed)
    try withDirectory(.closed) { directory in
      try Self.fill(directory)
      let sound = try check(directory.dataFile)
      let file = URL(fileURLWithPath: directory.dataFile)
      let bytes = Array(try Data(contentsOf: file))
      var (found, changed, harmless) = (0, 0, 0)
      for _ in 0..<400 {
        var damaged = FileBytes(bytes: bytes)
        // Half of them where the structure is: the beginnings of pages.
        let page = Int(random.next() % UInt64(bytes.count / Self.pageSize))
        let offset = page * Self.pageSize + Int(random.next() % (random.next() % 2 == 0 ? 64 : UInt64(Self.pageSize)))
        damaged.bytes[offset] ^= 1 << UInt8(random.next() % 8)
        try Data(damaged.bytes).write(to: file)
        let checked = try check(directory.dataFile)
        if !checked.findings.isEmpty {
          found += 1
        } else if checked.entries == sound.entries {
          harmless += 1
        } else {
          changed += 1
          let differing = zip(checked.entries, sound.entries).count { $0 != $1 }
          #expect(
            checked.entries.count == sound.entries.count && differing == 1,
            "byte \(offset), LMKV_SEED=\(seed) replays this"
          )
        }
      }
      print("turned bits: \(found) found, \(changed) in a key or value, \(harmless) in nothing used; seed \(seed)")
      #expect(found > 0)
    }
  }
}

/// SplitMix64.
private struct Mixer {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A data file in memory, with LMDB's pages of 4,096 bytes.
private struct FileBytes {
  var bytes: [UInt8]
  private let pageSize = 4_096

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  func load<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> T {
    (0..<MemoryLayout<T>.size).reversed().reduce(0) { $0 << 8 | T(bytes[offset + $1]) }
  }

  mutating func store<T: FixedWidthInteger>(_ number: T, _ offset: Int) {
    for index in 0..<MemoryLayout<T>.size { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }

  /// Where the newest meta page is.
  var newestMeta: Int {
    load(144, UInt64.self) > load(pageSize + 144, UInt64.self) ? 0 : pageSize
  }

  /// The pages of a kind that the database "main" has, in the order of their numbers: 1 branch, 2 leaf.
  func pages(_ flag: UInt16) -> [Int] {
    let root = Int(load(newestMeta + 88 + 40, UInt64.self)) * pageSize
    let node = root + Int(load(root + 16, UInt16.self))
    let top = Int(load(node + 8 + 4 + 40, UInt64.self))
    let count = (Int(load(top * pageSize + 12, UInt16.self)) - 16) / 2
    let children = (0..<count).map { index in
      Int(load(top * pageSize + Int(load(top * pageSize + 16 + 2 * index, UInt16.self)), UInt16.self))
    }
    return flag == 1 ? [top] : children.sorted()
  }

  mutating func zero(_ page: Int) {
    for offset in page * pageSize..<(page + 1) * pageSize { bytes[offset] = 0 }
  }

  mutating func copy(_ from: Int, to page: Int) {
    for offset in 0..<pageSize { bytes[page * pageSize + offset] = bytes[from * pageSize + offset] }
  }

  mutating func swap(_ first: Int, _ second: Int) {
    for offset in 0..<pageSize { bytes.swapAt(first * pageSize + offset, second * pageSize + offset) }
  }
}
