import Foundation
import LMKV
import Testing

/// What is used after its closure has returned, in places that cannot throw.
@Suite struct LeakTests {
  /// Runs a mistake with a scope of one entry, in a process that it stops.
  static func make(_ mistake: (Store, Scope<Int>) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let store = try Store(path: directory.path(of: "store"))
      let scope = store.scope("s", of: Int.self)
      try scope.set("a", 1)
      try mistake(store, scope)
    }
  }

  private func expectSentence(_ result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation) {
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("used after its closure had returned"), "\(words)", sourceLocation: sourceLocation)
  }

  @Test func `A loop over a leaked sequence stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try LeakTests.make { store, scope in
        for key in try store.read({ $0[scope].keys() }) { print(key) }
      }
    }
    expectSentence(result)
  }

  @Test func `A loop that was begun and leaked stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try LeakTests.make { store, scope in
        try scope.set("b", 2)
        var iterator = try store.read { snapshot in
          var iterator = snapshot[scope].entries().makeIterator()
          _ = iterator.next()
          return iterator
        }
        _ = iterator.next()
      }
    }
    expectSentence(result)
  }

  @Test func `A write through the subscript of a transaction that has ended stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try LeakTests.make { store, scope in
        let view = try store.transaction { $0[scope] }
        view["a"] = 2
      }
    }
    expectSentence(result)
  }

  @Test func `A read through the subscript of a snapshot that has ended stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try LeakTests.make { store, scope in
        let view = try store.read { $0[scope] }
        _ = view["a"]
      }
    }
    expectSentence(result)
  }

  @Test func `So does one whose transaction was undone`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try LeakTests.make { store, scope in
        var leaked: Transaction?
        try? store.transaction { tx in
          leaked = tx
          throw CancellationError()
        }
        leaked?[scope]["a"] = 2
      }
    }
    expectSentence(result)
  }
}
