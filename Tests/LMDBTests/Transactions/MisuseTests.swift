import Foundation
import LMDB
import Synchronization
import Testing

/// Misuse that would corrupt stops the process, with a sentence.
@Suite struct MisuseTests {
  /// Carries a transaction to where it must not go.
  final class Smuggler: @unchecked Sendable {
    var transaction: WriteTransaction?
  }

  static func openSomewhere() throws -> Environment {
    let path = FileManager.default.temporaryDirectory.path + "/lmdb-misuse-\(UUID().uuidString)"
    return try Environment.open(path)
  }

  static func putOnAnotherThread() throws {
    let environment = try openSomewhere()
    try? FileManager.default.removeItem(atPath: environment.path)
    let smuggler = Smuggler()
    smuggler.transaction = try environment.beginWrite()
    try onThreads { _ in
      if let transaction = smuggler.transaction.take() {
        try transaction.put("x", for: "x", in: environment.mainDatabase)
        smuggler.transaction = consume transaction
      }
    }
  }

  static func commitOnAnotherThread() throws {
    let environment = try openSomewhere()
    try? FileManager.default.removeItem(atPath: environment.path)
    let smuggler = Smuggler()
    smuggler.transaction = try environment.beginWrite()
    try onThreads { _ in try smuggler.transaction.take()?.commit() }
  }

  static func abortOnAnotherThread() throws {
    let environment = try openSomewhere()
    try? FileManager.default.removeItem(atPath: environment.path)
    let smuggler = Smuggler()
    smuggler.transaction = try environment.beginWrite()
    try onThreads { _ in smuggler.transaction = nil }
  }

  static func useForeignDatabase() throws {
    let (one, two) = (try openSomewhere(), try openSomewhere())
    for environment in [one, two] { try? FileManager.default.removeItem(atPath: environment.path) }
    try one.write { try $0.put("x", for: "x", in: two.mainDatabase) }
  }

  private func expectSentence(_ result: ExitTest.Result?, _ sentence: String) {
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(sentence), "\(words)")
  }

  @Test func `using a write transaction on another thread stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try MisuseTests.putOnAnotherThread()
    }
    expectSentence(result, "used on another thread than the one that began it")
  }

  @Test func `committing a write transaction on another thread stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try MisuseTests.commitOnAnotherThread()
    }
    expectSentence(result, "used on another thread than the one that began it")
  }

  @Test func `dropping a write transaction on another thread stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try MisuseTests.abortOnAnotherThread()
    }
    expectSentence(result, "used on another thread than the one that began it")
  }

  @Test func `a database of another environment stops the process`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try MisuseTests.useForeignDatabase()
    }
    expectSentence(result, "used in a transaction of another environment")
  }
}
