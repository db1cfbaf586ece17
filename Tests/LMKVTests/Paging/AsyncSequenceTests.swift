import LMKV
import Testing

@Suite struct AsyncSequenceTests {
  private func filled(_ store: Store, _ count: Int) async throws -> Scope<Int> {
    let numbers = store.scope("numbers", of: Int.self)
    try await store.async.transaction { tx in
      for number in 0..<count { try tx[numbers].set("k\(100_000 + number)", number) }
    }
    return numbers
  }

  @Test func `A loop gives every entry once, in order`() async throws {
    try await withFreshStore { store in
      let numbers = try await filled(store, 1_000)
      var seen: [Int] = []
      for try await (key, value) in numbers.async.entries(pageSize: 7) {
        #expect(key == "k\(100_000 + value)")
        seen.append(value)
      }
      #expect(seen == Array(0..<1_000))
      var keys: [String] = []
      for try await key in numbers.async.keys(.all.reversed().limited(to: 5), pageSize: 2) { keys.append(key) }
      #expect(keys == (995..<1_000).reversed().map { "k\(100_000 + $0)" })
      let sum = try await numbers.async.values(.matching("*7"), pageSize: 10).reduce(0, +)
      #expect(sum == (0..<1_000).filter { $0 % 10 == 7 }.reduce(0, +))
    }
  }

  @Test func `Nothing is held open while the body waits`() async throws {
    try await withFreshStore { store in
      let numbers = try await filled(store, 100)
      for try await value in numbers.async.values(pageSize: 10) where value % 10 == 5 {
        try await numbers.async.set("other", value)
        let readers = try store.info().readers.filter { $0.transactionID != nil }
        #expect(readers.isEmpty)
      }
    }
  }

  @Test func `What stays is given out once, whatever others do meanwhile`() async throws {
    try await withSeed { generator in
      try await withFreshStore { store in
        let numbers = try await self.filled(store, 500)
        var seen: [Int] = []
        for try await (key, value) in numbers.async.entries(pageSize: Int.random(in: 1...50, using: &generator)) {
          seen.append(value)
          // Odd numbers come and go, even ones stay.
          let odd = Int.random(in: 0..<250, using: &generator) * 2 + 1
          if seen.count % 5 == 0 { try await numbers.async.remove("k\(100_000 + odd)") }
          if seen.count % 7 == 0 { try await numbers.async.set(key, value) }
        }
        #expect(seen == Array(Set(seen)).sorted())
        #expect(seen.filter { $0 % 2 == 0 } == Array(stride(from: 0, to: 500, by: 2)))
      }
    }
  }

  @Test func `An error ends the loop, and a cancelled task ends it at the next page`() async throws {
    try await withFreshStore { store in
      let numbers = try await filled(store, 20)
      try await store.scope("numbers", of: String.self).async.set("k100010", "text")
      var iterator = numbers.async.values(pageSize: 5).makeAsyncIterator()
      for number in 0..<10 { try await #expect(iterator.next() == number) }
      await #expect(throws: LMKVError.self) { _ = try await iterator.next() }
      try await #expect(iterator.next() == nil)

      let task = Task {
        var count = 0
        for try await _ in numbers.async.keys(pageSize: 1) {
          count += 1
          if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func `A page is there for asynchronous code too`() async throws {
    try await withFreshStore { store in
      let numbers = try await filled(store, 3)
      let page = try await numbers.async.page(limit: 2)
      #expect(page.entries.map(\.value) == [0, 1])
      #expect(page.resumeKey == "k100001")
    }
  }
}
