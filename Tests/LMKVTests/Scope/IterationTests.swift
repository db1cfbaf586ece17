import LMKV
import Testing

@Suite struct IterationTests {
  private func withNumbers(_ count: Int, _ body: (Store, Scope<Int>) throws -> Void) throws {
    try withStore { store throws in
      let scope = store.scope("numbers", of: Int.self)
      try store.transaction { tx throws in
        for index in 0..<count { try tx[scope].set(key(index), index) }
      }
      try body(store, scope)
    }
  }

  private func key(_ index: Int) -> String {
    let digits = String(index)
    return "k" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Each selection with the numbers that it must choose of 0..<100.
  static let selections: [(KeySelection, [Int])] = [
    (.all, Array(0..<100)),
    (.all.reversed(), (0..<100).reversed()),
    (.prefix("k000"), Array(0..<10)),
    (.prefix("k009").reversed(), (90..<100).reversed()),
    (.prefix(""), Array(0..<100)),
    (.prefix("l"), []),
    (.prefix("k0050"), [50]),
    (.range("k0010"..<"k0013"), [10, 11, 12]),
    (.range("k0010"..."k0013"), [10, 11, 12, 13]),
    (.range("k0010"..."k0013").reversed(), [13, 12, 11, 10]),
    (.range("a"..<"b"), []),
    (.range("k00105"..."k0012"), [11, 12]),
    (.from("k0098"), [98, 99]),
    (.before("k0002"), [0, 1]),
    (.from("k0098").reversed().limited(to: 1), [99]),
    (.all.limited(to: 0), []),
    (.all.limited(to: 3), [0, 1, 2]),
    (.all.limited(to: 5).limited(to: 2), [0, 1]),
    (.all.reversed().limited(to: 2), [99, 98]),
    (.all.after("k0096"), [97, 98, 99]),
    (.all.after("k00965"), [97, 98, 99]),
    (.all.reversed().after("k0003"), [2, 1, 0]),
    (.all.after("k0099"), []),
    (.prefix("k001").after("k0017"), [18, 19]),
    (.prefix("k001").after("a"), Array(10..<20)),
    (.prefix("k001").after("z"), []),
    (.prefix("k001").reversed().after("z"), (10..<20).reversed()),
    (.prefix("k001").reversed().after("k0012").limited(to: 1), [11]),
  ]

  @Test func `A selection chooses keys, values, entries and a count alike`() throws {
    try withNumbers(100) { store, scope in
      try store.read { snapshot throws in
        for (selection, numbers) in Self.selections {
          #expect(Array(snapshot[scope].keys(selection)) == numbers.map(key), "\(selection)")
          #expect(Array(snapshot[scope].values(selection)) == numbers, "\(selection)")
          #expect(snapshot[scope].entries(selection).map(\.key) == numbers.map(key), "\(selection)")
          #expect(snapshot[scope].entries(selection).map(\.value) == numbers, "\(selection)")
          #expect(try snapshot[scope].count(selection) == numbers.count, "\(selection)")
        }
      }
      try store.transaction { tx throws in
        for (selection, numbers) in Self.selections {
          #expect(Array(tx[scope].values(selection)) == numbers, "\(selection)")
        }
      }
    }
  }

  @Test func `Pages of any size put together are everything once`() throws {
    try withNumbers(100) { store, scope in
      for size in [1, 7, 100] {
        for order in [KeySelection.all, .all.reversed()] {
          var all: [Int] = []
          var page = order.limited(to: size)
          while true {
            let entries = try store.read { Array($0[scope].entries(page)) }
            guard let last = entries.last else { break }
            all += entries.map(\.value)
            page = order.after(last.key).limited(to: size)
          }
          #expect(all == (order == .all ? Array(0..<100) : (0..<100).reversed()))
        }
      }
    }
  }

  @Test func `A sequence can be walked twice, in turns, and left in the middle`() throws {
    try withNumbers(100) { store, scope in
      try store.read { snapshot throws in
        let values = snapshot[scope].values()
        var (one, two) = (values.makeIterator(), values.makeIterator())
        for expected in 0..<50 {
          #expect(one.next() == expected)
          #expect(two.next() == expected)
        }
        for value in values where value == 10 { break }
        #expect(one.next() == 50)
        #expect(Array(values).count == 100)
        while two.next() != nil {}
        #expect(two.next() == nil)
      }
    }
  }

  @Test func `An empty scope and a missing one have no entries in any direction`() throws {
    try withStore { store throws in
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try scope.remove("a")
      for name in ["s", "missing"] {
        try store.read { snapshot throws in
          #expect(Array(snapshot[name]).isEmpty)
          #expect(Array(snapshot[name].keys(.all.reversed())).isEmpty)
          #expect(Array(snapshot[name].keys(.prefix("a"))).isEmpty)
          #expect(try snapshot[name].count() == 0)
        }
      }
    }
  }

  @Test func `A transaction meets what it writes ahead of its cursor, and nothing twice`() throws {
    try withNumbers(10) { store, scope in
      try store.transaction { tx throws in
        var met: [Int] = []
        for (key, value) in tx[scope] {
          met.append(value)
          if value < 40 { try tx[scope].set(self.key(value + 10), value + 10) }
          try tx[scope].set("a" + key, -1)
          // Rewriting the entry under the cursor does not show it again.
          try tx[scope].set(key, value + 1_000)
        }
        #expect(met == Array(0..<50))
      }
      #expect(try scope.count() == 100)
      #expect(try scope.get("k0049") == 1_049)
    }
  }

  @Test func `A transaction walks backwards while it writes`() throws {
    try withNumbers(50) { store, scope in
      try store.transaction { tx throws in
        var met: [Int] = []
        for (key, value) in tx[scope].entries(.all.reversed()) {
          met.append(value)
          try tx[scope].set("z" + key, -1)
          if value == 25 { for gone in 10..<20 { try tx[scope].remove(self.key(gone)) } }
        }
        #expect(met == Array(20..<50).reversed() + Array(0..<10).reversed())
      }
    }
  }

  @Test func `A transaction deletes what it walks over, ahead of it and behind it`() throws {
    try withNumbers(1_000) { store, scope in
      try store.transaction { tx throws in
        var met: [Int] = []
        for (key, value) in tx[scope] {
          met.append(value)
          try tx[scope].remove(key)
          try tx[scope].remove(self.key(value + 1))
        }
        #expect(met == Array(stride(from: 0, to: 1_000, by: 2)))
        #expect(try tx[scope].isEmpty)
      }
      #expect(try scope.isEmpty)
    }
  }

  @Test func `Clearing in a loop ends it`() throws {
    try withNumbers(100) { store, scope in
      try store.transaction { tx throws in
        var met = 0
        for _ in tx[scope] {
          met += 1
          if met == 10 { try tx[scope].clear() }
        }
        #expect(met == 10)
        try tx[scope].set("new", 1)
      }
      #expect(try scope.count() == 1)
    }
  }

  @Test func `Loops go on over the beginning and the end of a savepoint`() throws {
    try withNumbers(30) { store, scope in
      try store.transaction { tx throws in
        var met: [Int] = []
        for (_, value) in tx[scope] {
          met.append(value)
          if value == 5 { try tx.savepoint { _ = try tx[scope].remove(key(6)) } }
          if value == 10 {
            try? tx.savepoint {
              try tx[scope].clear()
              throw CancellationError()
            }
          }
        }
        #expect(met == Array(0..<30).filter { $0 != 6 })
      }
    }
  }

  @Test func `An error in a loop ends it and is thrown when the closure returns`() throws {
    try withNumbers(10) { store, scope in
      try scope.of(String.self).set(key(5), "no number")
      var met = 0
      expectError(.typeMismatch, naming: key(5), "numbers") {
        try store.read { for _ in $0[scope] { met += 1 } }
      }
      #expect(met == 5)
      expectError(.typeMismatch, naming: key(5)) {
        try store.transaction { tx throws in
          try tx[scope].set("written", 1)
          for _ in tx[scope].values() {}
        }
      }
      #expect(try !scope.contains("written"))
      expectError(.typeMismatch, naming: key(5)) {
        try store.read { try $0[scope].values().forEach { _ in } }
      }
      // Keys need no values.
      #expect(try store.read { Array($0[scope].keys()).count } == 10)
    }
  }

  @Test func `An error in a loop of a savepoint undoes the savepoint alone`() throws {
    try withNumbers(10) { store, scope in
      try scope.of(String.self).set(key(5), "no number")
      try store.transaction { tx throws in
        try tx[scope].set("before", 1)
        expectError(.typeMismatch, naming: key(5)) {
          try tx.savepoint {
            try tx[scope].set("inside", 1)
            for _ in tx[scope].values() {}
          }
        }
        #expect(try !tx[scope].contains("inside"))
      }
      #expect(try scope.contains("before"))
    }
  }

  @Test func `An error of the body of forEach is thrown at once, unchanged`() throws {
    struct Stop: Error, Equatable {}
    try withNumbers(10) { store, scope in
      try store.read { snapshot throws in
        let keys = snapshot[scope].keys()
        #expect(throws: Stop()) { try keys.forEach { (_: String) throws in throw Stop() } }
      }
    }
  }
}
