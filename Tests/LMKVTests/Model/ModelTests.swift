import Foundation
import LMKV
import Testing

@Suite("A store against a model of it")
struct ModelTests {
  /// Rounds of as many operations each, between which the store is closed and judged. `LMKV_MODEL_OPERATIONS` makes a
  /// longer or a shorter run of it.
  static let perRound = 300
  static let operations = ProcessInfo.processInfo.environment["LMKV_MODEL_OPERATIONS"].flatMap(Int.init) ?? 100_000

  @Test("100,000 random operations do to a store what they do to a dictionary")
  func model() async throws {
    try await withSeed { generator in
      try await withTemporaryDirectory { directory in
        let path = directory.path(of: "store")
        let run = try ModelRun(path: path, &generator)
        var round = 0
        while run.count < Self.operations {
          try run.startOther(path, afresh: round % 20 == 0)
          let end = run.count + Self.perRound
          while run.count < end { try run.step() }
          try run.judge()
          round += 1
          await Task.yield()
        }
        try run.stopOther()
        try run.store.close()
        print("\(run.count) operations, the store's revision is \(run.model.revision)")
      }
    }
  }
}

extension ModelRun {
  /// Starts the other process, and ends a former one: gently or not.
  func startOther(_ path: String, afresh isAfresh: Bool) throws {
    guard isAfresh else { return }
    try stopOther()
    note("the other process starts")
    other = try ModelProcess(path)
  }

  func stopOther() throws {
    guard let former = other else { return }
    note("the other process ends")
    other = nil
    if once(in: 2) { former.process.kill() } else { try #require(former.process.finish() == 0) }
  }

  /// Compares everything, and lets the judge look at the closed store.
  func judge() throws {
    try store.read { try compareAll($0, model) }
    try store.checkExpiryIndex()
    note("judge")
    try store.close()
    #expect(openFiles(below: path) == [], "files of the store are open after its close")
    try StoreJudge(path: path, sourceLocation: #_sourceLocation).judge()
    try reopen()
  }
}
