import Testing

@testable import LMKV

@Suite("Large batches")
struct LargeBatchTests {
  @Test("Batches in any order of keys, among those that are there or behind them, leave what a dictionary would hold")
  func asADictionary() async throws {
    try await withSeed { generator in
      try withClockedStore { (store, _) throws in try checkAgainstDictionary(store, &generator) }
    }
  }

  @Test(
    "The order of a batch is that of the bytes of its keys, equal ones as they came, and ascending only without these"
  )
  func order() async throws {
    try await withSeed { generator in
      for _ in 0..<50 {
        let keys = (0..<Int.random(in: 0...300, using: &generator)).map { _ in key(&generator) }
        let order = BatchOrder(keys)
        let sorted = keys.indices.sorted { a, b in
          let (left, right) = (Array(keys[a].utf8), Array(keys[b].utf8))
          return left == right ? a < b : left.lexicographicallyPrecedes(right)
        }
        if keys.count >= BatchOrder.worthwhile { #expect(order.positions == sorted) }
        #expect(order.positions.sorted() == Array(keys.indices))
        let isStrict = zip(order.positions, order.positions.dropFirst()).allSatisfy { a, b in
          Array(keys[a].utf8).lexicographicallyPrecedes(Array(keys[b].utf8))
        }
        #expect(order.isAscending == isStrict)
      }
    }
  }

  @Test("Of a large batch with a key that is none nothing is written, also inside a transaction that goes on")
  func refused() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int.self)
      let batch = (0..<100).map { ("k\($0)", $0) } + [("", 1)]
      #expect(throws: LMKVError.self) { try scope.set(batch) }
      #expect(try scope.isEmpty)
      try store.transaction { tx in
        #expect(throws: LMKVError.self) { try tx[scope].set(batch) }
        try tx[scope].set("after", 1)
      }
      #expect(try scope.getAll().map(\.key) == ["after"])
    }
  }

  @Test("A scan lends the keys and bytes that a selection chooses, of any length, and ends where its body throws")
  func lentScan() throws {
    struct Enough: Error {}
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: [UInt8].self)
      let sizes = [0, 1, 23, 24, 255, 256, 70_000]
      for size in sizes { try scope.set("k\(size)", [UInt8](repeating: 7, count: size)) }
      try scope.set("k-expired", [1], expires: .seconds(1))
      clock.advance(by: .seconds(1))
      try store.read { snapshot in
        var lent: [String: Int] = [:]
        try snapshot[scope].forEachBytes { key, value in
          let name = key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
          lent[name] = value.withUnsafeBytes { $0.allSatisfy { $0 == 7 } ? $0.count : -1 }
        }
        #expect(lent == Dictionary(uniqueKeysWithValues: sizes.map { ("k\($0)", $0) }))
        var seen = 0
        #expect(throws: Enough.self) {
          try snapshot[scope].forEachBytes(.prefix("k2").reversed()) { _, _ in
            seen += 1
            if seen == 2 { throw Enough() }
          }
        }
        #expect(seen == 2)
      }
    }
  }
}

private func checkAgainstDictionary(_ store: Store, _ generator: inout SeededGenerator) throws {
  let scope = store.scope("s", of: Int.self)
  var model: [[UInt8]: Int] = [:]
  for round in 0..<20 {
    let isBehind = Bool.random(using: &generator)
    let batch = (0..<Int.random(in: 1...300, using: &generator)).map { index in
      ((isBehind ? "\u{10FFFF}\(round + 100)" : "") + key(&generator), round * 1_000 + index)
    }
    try scope.set(batch)
    for (key, value) in batch { model[Array(key.utf8)] = value }
  }
  let expected = model.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  let found = try scope.getAll()
  #expect(found.map { Array($0.key.utf8) } == expected.map(\.key))
  #expect(found.map(\.value) == expected.map(\.value))
}

/// A key that shares its beginning with others, and has a length around that of a machine word.
private func key(_ generator: inout SeededGenerator) -> String {
  let characters: [Character] = ["a", "b", "\u{0}", "é", "e\u{301}", "z", "🙂"]
  let length = Int.random(in: 0...9, using: &generator)
  return "user:" + String((0..<length).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] })
}
