import LMKV
import Testing

@Suite struct PagingTests {
  private func fill(_ store: Store, _ count: Int) throws {
    try store.transaction { tx in
      let numbers = tx.scope("numbers", of: Int.self)
      for number in 0..<count { try numbers.set(key(number), number) }
    }
  }

  private func key(_ number: Int) -> String { "k\(100_000 + number)" }

  @Test func `Pages give every entry once, in order, and then end`() throws {
    try withFreshStore { store in
      try fill(store, 25)
      let numbers = store.scope("numbers", of: Int.self)
      for limit in [1, 2, 5, 24, 25, 26, 1_000] {
        var seen: [Int] = []
        var selection: KeySelection? = .all
        while let current = selection {
          let page = try numbers.page(current, limit: limit)
          #expect(page.entries.count == min(limit, 25 - seen.count))
          seen += page.entries.map(\.value)
          selection = page.next
        }
        #expect(seen == Array(0..<25), "limit \(limit)")
      }
    }
  }

  @Test func `A page can be continued by its last key alone, forwards and backwards`() throws {
    try withFreshStore { store in
      try fill(store, 10)
      let numbers = store.scope("numbers", of: Int.self)
      for (selection, expected) in [(KeySelection.all, Array(0..<10)), (.all.reversed(), Array((0..<10).reversed()))] {
        var seen: [Int] = []
        var address: String?
        repeat {
          let page = try numbers.page(selection.after(address), limit: 3)
          seen += page.entries.map(\.value)
          address = page.resumeKey
        } while address != nil
        #expect(seen == expected)
      }
    }
  }

  @Test func `What is left of a selection keeps its pattern, its direction and its limit`() throws {
    try withFreshStore { store in
      try fill(store, 100)
      let numbers = store.scope("numbers", of: Int.self)
      let selection = KeySelection.matching("*5").reversed().limited(to: 7)
      let first = try numbers.page(selection, limit: 4)
      #expect(first.entries.map(\.value) == [95, 85, 75, 65])
      let second = try numbers.page(try #require(first.next), limit: 4)
      #expect(second.entries.map(\.value) == [55, 45, 35])
      #expect(second.next == nil)
    }
  }

  @Test func `A page ends when it is large enough, but never without an entry`() throws {
    try withFreshStore { store in
      let texts = store.scope("texts", of: String.self)
      try store.transaction { tx in
        for number in 0..<10 { try tx[texts].set(key(number), String(repeating: "x", count: 1_000)) }
      }
      try #expect(texts.page(limit: 10, maxBytes: 2_500).entries.count == 3)
      try #expect(texts.page(limit: 10, maxBytes: 1).entries.count == 1)
      try #expect(texts.page(limit: 10).entries.count == 10)
    }
  }

  @Test func `A page of nothing is a mistake`() throws {
    try withFreshStore { store in
      expectError(.invalidArgument) { _ = try store.scope("x").page(limit: 0) }
      expectError(.invalidArgument) { _ = try store.scope("x").page(limit: 1, maxBytes: 0) }
      let page = try store.scope("absent").page(limit: 1)
      #expect(page.entries.isEmpty && page.next == nil && page.resumeKey == nil)
      try #expect(store.scope("absent").page(.all.limited(to: 0), limit: 1).next == nil)
    }
  }

  @Test func `The first and the last entry are found`() throws {
    try withFreshStore { store in
      try fill(store, 30)
      let numbers = store.scope("numbers", of: Int.self)
      try #expect(numbers.first()?.value == 0)
      try #expect(numbers.last()?.value == 29)
      try #expect(numbers.first(.matching("*7"))?.value == 7)
      try #expect(numbers.last(.matching("*7"))?.key == key(27))
      try #expect(numbers.last(.prefix("z")) == nil)
      try #expect(store.scope("absent").first() == nil)
    }
  }

  @Test func `Keys that are no UTF-8 do not stop the pages`() throws {
    try withFreshStore { store in
      try fill(store, 2)
      try putRaw(store, scope: "numbers", key: [0xC0, 0x41], expiry: nil)
      try putRaw(store, scope: "numbers", key: [0xFF], expiry: nil)
      var count = 0
      var selection: KeySelection? = .all
      while let current = selection, count < 10 {
        let page = try store.scope("numbers", of: Int.self).page(current, limit: 1)
        count += page.entries.count
        selection = page.next
      }
      #expect(count == 4)
    }
  }
}
