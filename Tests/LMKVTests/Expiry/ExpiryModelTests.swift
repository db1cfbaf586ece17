import Testing

@testable import LMKV

@Suite("Expiry against a model")
struct ExpiryModelTests {
  @Test("Random writes, sweeps and passing time leave what a dictionary would hold, and a sound index")
  func model() async throws {
    try await withSeed { generator in
      try withTemporaryDirectory { directory in
        var run = try ExpiryModelRun(path: directory.path(of: "store"), generator: generator.split())
        for _ in 0..<2_000 { try run.step() }
        try run.checkAll()
        try run.finish()
      }
    }
  }
}

/// One run of random operations on a store and on a dictionary.
private struct ExpiryModelRun {
  struct Entry {
    var value: Int
    var expiry: Int64?
  }

  struct Undone: Error {}

  let path: String
  let clock = ManualClock(-50)
  var store: Store
  var model: [String: [String: Entry]] = [:]
  var generator: SeededGenerator

  init(path: String, generator: SeededGenerator) throws {
    self.path = path
    self.generator = generator
    store = try Store(path: path, clock: clock)
  }

  mutating func step() throws {
    let scope = ["a", "b-c", "b"].randomElement(using: &generator) ?? "a"
    let key = ["c", "c-c", "d", "8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"].randomElement(using: &generator) ?? "c"
    switch Int.random(in: 0..<20, using: &generator) {
    case 0..<4: clock.advance(by: .milliseconds(Int.random(in: 0...4, using: &generator)))
    case 4: try sweep()
    case 5: try reopen()
    case 6: try undo(scope, key)
    case 7: try clear(scope)
    case 8: try batch(scope)
    default: try store.transaction { tx in try write(tx[scope, Int.self], scope, key) }
    }
    try check(scope, key)
  }

  func living(_ scope: String, _ key: String) -> Entry? {
    guard let entry = model[scope]?[key], entry.expiry.map({ $0 > clock.now }) ?? true else { return nil }
    return entry
  }

  /// A random expiry, and what it comes to.
  mutating func expiry(over former: Entry?) -> (Expiry, Int64?) {
    let length = Int.random(in: 1...6, using: &generator)
    let moment = clock.now + Int64(length)
    return switch Int.random(in: 0..<5, using: &generator) {
    case 0: (.never, nil)
    case 1: (.kept, former?.expiry)
    case 2: (.kept(or: .milliseconds(length)), former == nil ? moment : former?.expiry)
    default: (.milliseconds(length), moment)
    }
  }

  /// One writing method, in the store and in the model.
  mutating func write(_ view: TransactionScope<Int>, _ scope: String, _ key: String) throws {
    let former = living(scope, key)
    let (expires, moment) = expiry(over: former)
    let value = Int.random(in: 0..<100, using: &generator)
    func put(_ value: Int) { model[scope, default: [:]][key] = Entry(value: value, expiry: moment) }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0:
      try view.set(key, value, expires: expires)
      put(value)
    case 1:
      #expect(try view.touch(key, expires: expires) == (former != nil))
      if let former { put(former.value) }
    case 2:
      #expect(try view.remove(key) == (former != nil))
      model[scope]?[key] = nil
    case 3:
      #expect(try view.increment(key, by: value, expires: expires) == (former?.value ?? 0) + value)
      put((former?.value ?? 0) + value)
    case 4:
      #expect(try view.setIfAbsent(key, value, expires: expires).isApplied == (former == nil))
      if former == nil { put(value) }
    case 5:
      #expect(try view.setIfPresent(key, value, expires: expires).isApplied == (former != nil))
      if former != nil { put(value) }
    case 6:
      #expect(try view.take(key) == former?.value)
      model[scope]?[key] = nil
    case 7:
      #expect(try view.exchange(key, value, expires: expires) == former?.value)
      put(value)
    case 8:
      #expect(try view.set(key, value, ifValue: 3, expires: expires).isApplied == (former?.value == 3))
      if former?.value == 3 { put(value) }
    default:
      try view.update(key, expires: expires) { $0 = $0 == nil ? value : nil }
      if former == nil { put(value) } else { model[scope]?[key] = nil }
    }
    #expect(try view.get(key) == living(scope, key)?.value)
  }

  mutating func batch(_ scope: String) throws {
    let (expires, moment) = expiry(over: nil)
    let keys = ["c", "d", "e", "f"].filter { _ in Bool.random(using: &generator) }
    let view = store.scope(scope, of: Int.self)
    if Bool.random(using: &generator) {
      let absent = keys.filter { living(scope, $0) == nil }
      #expect(try view.setIfAbsent(keys.map { ($0, 3) }, expires: expires) == absent)
      for key in absent { model[scope, default: [:]][key] = Entry(value: 3, expiry: moment) }
    } else {
      #expect(try view.remove(keys) == keys.count { living(scope, $0) != nil })
      for key in keys { model[scope]?[key] = nil }
    }
  }

  /// Writes in a savepoint, or a transaction, that is undone.
  mutating func undo(_ scope: String, _ key: String) throws {
    let before = model
    if Bool.random(using: &generator) {
      #expect(throws: Undone.self) {
        try store.transaction { tx in
          for _ in 0..<3 { try write(tx[scope, Int.self], scope, key) }
          throw Undone()
        }
      }
      model = before
    } else {
      try store.transaction { tx in
        #expect(throws: Undone.self) {
          try tx.savepoint {
            for _ in 0..<3 { try write(tx[scope, Int.self], scope, key) }
            throw Undone()
          }
        }
        model = before
        try write(tx[scope, Int.self], scope, key)
      }
    }
  }

  mutating func clear(_ scope: String) throws {
    let count = model[scope]?.keys.count { living(scope, $0) != nil } ?? 0
    #expect(try store.scope(scope, of: Int.self).clear() == count)
    model[scope] = nil
  }

  mutating func sweep() throws {
    let limit = Int.random(in: 1...10, using: &generator)
    let result = try store.sweepExpired(limit: limit)
    if !result.hasMore {
      let now = clock.now
      #expect(try store.indexedEntries().allSatisfy { $0.expiry > now })
      #expect(try store.expiringEntries().allSatisfy { $0.expiry > now })
    }
  }

  mutating func reopen() throws {
    try store.close()
    store = try Store(path: path, clock: clock)
  }

  func check(_ scope: String, _ key: String) throws {
    let view = store.scope(scope, of: Int.self)
    let entry = living(scope, key)
    #expect(try view.get(key) == entry?.value)
    #expect(try view.contains(key) == (entry != nil))
    let left = entry.map { entry in
      entry.expiry.map { TimeToLive.remaining(.milliseconds($0 - clock.now)) } ?? .forever
    }
    #expect(try view.timeToLive(key) == left)
    let keys = (model[scope] ?? [:]).keys.filter { living(scope, $0) != nil }
    #expect(try view.count() == keys.count)
    #expect(try view.count(.prefix("c")) == keys.count { $0.hasPrefix("c") })
    try store.checkExpiryIndex()
  }

  func checkAll() throws {
    for scope in model.keys {
      let expected = (model[scope] ?? [:]).filter { living(scope, $0.key) != nil }.mapValues(\.value)
      let found = try store.scope(scope, of: Int.self).getAll()
      #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value) }) == expected)
    }
  }

  /// Lets all expire: nothing that could is left.
  mutating func finish() throws {
    clock.advance(by: .seconds(1))
    try store.sweepExpired()
    #expect(try store.indexedEntries().isEmpty)
    #expect(try store.expiringEntries().isEmpty)
    try checkAll()
    try store.close()
  }
}

extension Transaction {
  fileprivate subscript<T>(name: String, type: T.Type) -> TransactionScope<T> { scope(name, of: type) }
}
