import Synchronization
import Testing

@testable import LMKV

@Suite("Updating")
struct UpdatingTests {
  private struct Stop: Error {}

  private final class Calls: Sendable {
    let count = Atomic<Int>(0)
  }

  @Test("Exchange returns the former value, take removes it")
  func exchange() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: String.self)
      #expect(try scope.exchange("k", "a") == nil)
      #expect(try scope.exchange("k", "b", expires: .seconds(1)) == "a")
      clock.advance(by: .seconds(1))
      #expect(try scope.take("k") == nil)
      #expect(try scope.exchange("k", "c") == nil)
      #expect(try scope.take("k") == "c")
      #expect(try scope.take("k") == nil)
      #expect(try scope.count() == 0)
    }
  }

  @Test("What is missing is made once, however many ask for it, and not at all when it is there")
  func getOrSet() async throws {
    try await withClockedStore { (store, _) async throws in
      let scope = store.scope("s", of: Int.self)
      let calls = Calls()
      try await withThrowingTaskGroup { group in
        for number in 0..<20 {
          group.addTask {
            try await scope.async.getOrSet("k") {
              calls.count.add(1, ordering: .relaxed)
              return number
            }
          }
        }
        var answers: Set<Int> = []
        for try await answer in group { answers.insert(answer) }
        #expect(answers.count == 1)
        #expect(try scope.get("k") == answers.first)
      }
      #expect(calls.count.load(ordering: .relaxed) == 1)
      await #expect(throws: Stop.self) { try await scope.async.getOrSet("l") { throw Stop() } }
      #expect(try !scope.contains("l"))
    }
  }

  @Test("A value that was made expires, and is then made again")
  func getOrSetExpires() throws {
    try withClockedStore { (store, clock) throws in
      let scope = store.scope("s", of: Int.self)
      #expect(try scope.getOrSet("k", expires: .seconds(1)) { 1 } == 1)
      #expect(try scope.getOrSet("k", expires: .seconds(1)) { 2 } == 1)
      clock.advance(by: .seconds(1))
      #expect(try scope.getOrSet("k", expires: .seconds(1)) { 3 } == 3)
      try store.transaction { (tx) throws in #expect(try tx[scope].getOrSet("k") { 4 } == 3) }
    }
  }

  @Test("An update changes in place, and what throws changes nothing")
  func update() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: [Int].self)
      #expect(try scope.update("k", default: []) { $0.append(1) } == [1])
      #expect(try scope.update("k", default: []) { $0.append(2) } == [1, 2])
      _ = try store.transaction { (tx) throws in
        #expect(throws: Stop.self) {
          try tx[scope].update("k", default: []) { value in
            value = []
            throw Stop()
          }
        }
      }
      #expect(try scope.get("k") == [1, 2])
      #expect(try scope.update("k") { $0?.append(3) } == [1, 2, 3])
      #expect(try scope.update("k") { $0 = nil } == nil)
      #expect(try !scope.contains("k"))
      #expect(try scope.update("k") { $0 = $0 } == nil)
      #expect(try !scope.contains("k"))
      #expect(try scope.update("k") { $0 = [] } == [])
    }
  }

  @Test("A value that is optional tells null from absent")
  func optional() throws {
    try withClockedStore { (store, _) throws in
      let scope = store.scope("s", of: Int?.self)
      try scope.set("null", nil)
      #expect(try scope.get("null") == .some(nil))
      #expect(try scope.get("absent") == nil)
      #expect(try scope.setIfAbsent("null", 1).isApplied == false)
      #expect(try scope.exchange("null", 1) == .some(nil))
      #expect(try scope.update("null") { $0 = .some(nil) } == .some(nil))
      #expect(try scope.contains("null"))
      #expect(try scope.take("null") == .some(nil))
      #expect(try scope.take("null") == nil)
    }
  }

  @Test("Raise and lower keep the larger and the smaller value, and write nothing when nothing changes")
  func bounds() throws {
    try withClockedStore { (store, _) throws in
      let scores = store.scope("s", of: Int.self)
      #expect(try scores.raise("k", to: -3) == -3)
      #expect(try scores.raise("k", to: 7) == 7)
      let before = try scores.entry("k")
      #expect(try scores.raise("k", to: 7) == 7)
      #expect(try scores.raise("k", to: 5) == 7)
      #expect(try scores.entry("k") == before)
      #expect(try scores.lower("k", to: 5) == 5)
      #expect(try scores.lower("k", to: 6) == 5)
      #expect(try scores.lower("new", to: 6) == 6)

      let doubles = store.scope("d", of: Double.self)
      let error = #expect(throws: LMKVError.self) { try doubles.raise("k", to: .nan) }
      #expect(error?.code == .invalidArgument)
      #expect(try doubles.raise("k", to: -.infinity) == -.infinity)

      let values = store.scope("v")
      #expect(try values.raise("k", to: 3) == 3)
      #expect(try values.lower("k", to: 2.5) == 2.5)
      #expect(try values.get("k") == 2.5)
      #expect(throws: LMKVError.self) { try values.raise("k", to: 9) }
      #expect(throws: LMKVError.self) { try values.raise("k", to: "text") }
      #expect(try values.get("k") == 2.5)
    }
  }

  @Test("Append makes and lengthens arrays, and refuses what is none")
  func append() throws {
    try withClockedStore { (store, _) throws in
      let lists = store.scope("s", of: [String].self)
      #expect(try lists.append("k", "a") == 1)
      #expect(try lists.append("k", contentsOf: ["b", "c"]) == 3)
      #expect(try lists.append("k", contentsOf: []) == 3)
      #expect(try lists.get("k") == ["a", "b", "c"])
      let values = store.scope("s")
      #expect(try values.append("k", 4) == 4)
      #expect(try values.append("k", contentsOf: [.null, 1.0]) == 6)
      #expect(try values.get("k") == ["a", "b", "c", 4, nil, 1.0])
      let error = #expect(throws: LMKVError.self) { try lists.append("k", "d") }
      #expect(error?.code == .typeMismatch)
      try values.set("k", "text")
      #expect(throws: LMKVError.self) { try values.append("k", 1) }
      #expect(try values.get("k") == "text")
    }
  }

  @Test("Overflow and a wrong type are errors that change nothing")
  func overflow() throws {
    try withClockedStore { (store, _) throws in
      let small = store.scope("s", of: Int8.self)
      try small.set("k", 127)
      let overflow = #expect(throws: LMKVError.self) { try small.increment("k") }
      #expect(overflow?.code == .overflow)
      #expect(try small.get("k") == 127)
      let values = store.scope("s")
      try values.set("bool", true)
      let mismatch = #expect(throws: LMKVError.self) { try values.increment("bool") }
      #expect(mismatch?.code == .typeMismatch)
      #expect(try values.get("bool") == true)
      try values.set("null", .null)
      #expect(throws: LMKVError.self) { try values.increment("null") }
    }
  }

  @Test("Increments, appends and bounds of many tasks are all there in the end")
  func contention() async throws {
    try await withClockedStore { (store, _) async throws in
      let counts = store.scope("c", of: Int.self)
      let lists = store.scope("l", of: [Int].self)
      try await withThrowingTaskGroup { group in
        for task in 0..<8 {
          group.addTask {
            for step in 0..<25 {
              try await counts.async.increment("n")
              try await counts.async.raise("max", to: task * 25 + step)
              try await counts.async.lower("min", to: -task * 25 - step)
              try await lists.async.append("k", task * 25 + step)
              try await lists.async.update("u", default: []) { $0.append(task) }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try counts.get(["n", "max", "min"]).map(\.value) == [200, 199, -199])
      #expect(try lists.get("k")?.sorted() == Array(0..<200))
      #expect(try lists.get("u")?.count == 200)
    }
  }
}
