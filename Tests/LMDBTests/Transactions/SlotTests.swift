import LMDB
import Testing

/// The slots of LMDB's table of readers, as they lie in the memory that all processes share.
@Suite struct SlotTests {
  private final class Companion: EnvironmentCompanion {
    func prepare(isFirst: Bool, _ work: OpeningWork) {}
    func didOpen(_ environment: Environment) {}
    func isClosing(_ environment: Environment) {}
    func willClose(_ environment: Environment) {}
    func noteOldestSnapshot(since moment: UInt64) {}
    func sweepReaders(_ environment: Environment) throws(LMDBError) -> Int { try environment.sweepDeadReaders() }
  }

  private func open(_ directory: TestDirectory) throws -> Environment {
    var configuration = Environment.Configuration()
    configuration.sync = .unsafeNone
    return try Environment.open(directory.store, configuration) { _ in Companion() }
  }

  /// Rewrites an entry so often, each time in a transaction of its own, and says by how many pages the file has grown.
  private func growth(
    _ environment: Environment,
    _ database: Database,
    _ body: (borrowing WriteTransaction) -> Void = { _ in }
  ) throws -> Int {
    let before = try environment.info().lastPage
    for round in 0..<200 {
      try environment.write { writing in
        body(writing)
        try writing.put("\(round)", for: "key", in: database)
      }
    }
    return try environment.info().lastPage - before
  }

  @Test func `a snapshot that is moved on in its slot lets LMDB use again what was freed before`() throws {
    try withDirectory { directory in
      let environment = try open(directory)
      let database = try environment.database()
      try environment.put("first", for: "key", in: database)
      // Others that begin and end snapshots all the time are not taken for it.
      let isOver = Counter()
      let others = (0..<3).map { _ in
        Running { while isOver.value == 0 { try environment.read { _ = try $0.text("key", in: database) } } }
      }
      let pin = try environment.beginPin()
      var pinned: UInt64 = 0
      let found = try environment.write { writing in
        pinned = writing.id - 1
        return try environment.slot(of: pin)
      }
      isOver.increment()
      for other in others { try other.join() }
      let slot = try #require(found)
      #expect(environment.transaction(in: slot) == pinned)
      #expect(try growth(environment, database) > 200, "it keeps nothing")
      #expect(environment.transaction(in: slot) == pinned)
      var isMoved = true
      let moving = try growth(environment, database) { writing in
        isMoved = isMoved && environment.moveSnapshot(in: slot, from: pinned, to: writing.id - 1)
        pinned = writing.id - 1
      }
      #expect(isMoved)
      #expect(moving < 50)
      #expect(!environment.moveSnapshot(in: slot, from: pinned - 1, to: pinned), "another one was moved")
      #expect(environment.moveSnapshot(in: slot, from: pinned, to: nil))
      #expect(environment.transaction(in: slot) == nil)
      #expect(!environment.moveSnapshot(in: slot, from: pinned, to: pinned), "an idle one was moved")
      #expect(try growth(environment, database) < 50)
      environment.endPin(pin)
      // The slot serves the next snapshots as before.
      let snapshots = try (0..<8).map { _ in try environment.beginSnapshot().id }
      #expect(Set(snapshots).count == 1)
    }
  }

  @Test func `places that are no slots hold nothing`() throws {
    try withDirectory { directory in
      let environment = try open(directory)
      let pin = try environment.beginPin()
      defer { environment.endPin(pin) }
      for place in [-1, Int.max, Int.min, 100_000] {
        #expect(environment.transaction(in: place) == nil)
        #expect(!environment.moveSnapshot(in: place, from: 1, to: 2))
      }
      #expect(try environment.slot(of: pin) != nil)
      #expect(openFiles(below: directory.path).filter { $0.hasSuffix("/lock.mdb") }.count == 1)
    }
  }
}
