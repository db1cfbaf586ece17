import LMKV

/// A run of random operations on a store and on a model of it.
///
/// Nothing here records an issue: what differs is thrown as a ``Divergence`` with the operations that led to it.
final class ModelRun {
  /// Thrown by the bodies of operations that are to be undone.
  struct Undone: Error {}

  let path: String
  let clock = ManualClock(1_000_000_000_000)
  let pool: KeyPool
  var store: Store
  var model: Model
  /// What all others see while a transaction runs.
  var committed: Model?
  var random: SeededGenerator
  /// How many operations there were.
  private(set) var count = 0
  var other: ModelProcess?
  /// How many snapshots are held open, each around the next.
  var heldSnapshots = 0
  private var history: [String] = []
  private var depth = 0

  init(path: String, _ generator: inout SeededGenerator) throws {
    self.path = path
    random = generator.split()
    pool = KeyPool(using: &generator)
    model = Model(now: clock.now)
    store = try Self.open(path, clock)
    try setUp()
  }

  private static func open(_ path: String, _ clock: ManualClock) throws -> Store {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxValueSize = Model.maxValueSize
    configuration.clock = clock.storeClock
    return try Store(path: path, configuration: configuration)
  }

  func reopen() throws {
    note("close and open again")
    try store.close()
    store = try Self.open(path, clock)
  }

  // MARK: Comparing

  /// Does something to the store and the same to the model, and compares what both return or throw.
  ///
  /// - Parameter past: what to compare with instead of the model as it is now, for what only reads.
  func check<T: Equatable>(
    _ what: String,
    against past: Model? = nil,
    _ found: () throws -> T,
    _ expected: (inout Model) throws -> T
  ) throws {
    note(what)
    let before = past ?? model
    var after = before
    let expectation = Outcome { try expected(&after) }
    if past == nil { model = expectation.isFailure ? before : after }
    let outcome = Outcome { try found() }
    guard outcome == expectation else { throw divergence("\(what) gave \(outcome), not \(expectation)") }
  }

  /// Does something that is a transaction of its own, and looks at the revision that it leaves.
  func checkingRevision(atMost limit: UInt64 = 1, _ body: () throws -> Void) throws {
    let former = model.revision
    model.hasChanged = false
    try body()
    let revision = try store.read { $0.revision }
    // What expired may be gone, or not, without the model's knowledge: such a change alone may be a commit, too.
    let least = model.hasChanged ? former + 1 : former
    guard revision >= least, revision <= former + limit else {
      throw divergence("the revision went from \(former) to \(revision)")
    }
    model.revision = revision
  }

  func expect(_ isTrue: Bool, _ what: @autoclosure () -> String) throws {
    guard isTrue else { throw divergence(what()) }
  }

  // MARK: Telling

  func note(_ what: String) {
    count += 1
    if history.count > 200 { history.removeFirst(140) }
    history.append(String(repeating: "  ", count: depth) + what)
  }

  /// Marks the operations of a body as parts of one that was noted.
  func inside<R>(_ body: () throws -> R) rethrows -> R {
    depth += 1
    defer { depth -= 1 }
    return try body()
  }

  func divergence(_ what: String) -> Divergence {
    Divergence(what: what, count: count, operations: Array(history.suffix(40)))
  }
}

/// The store did something else than the model.
struct Divergence: Error, CustomStringConvertible {
  let what: String
  let count: Int
  let operations: [String]

  var description: String {
    "after \(count) operations \(what)\nthe last of them:\n" + operations.joined(separator: "\n")
  }
}

/// What an operation returned, or the error that it threw.
enum Outcome<T: Equatable>: Equatable {
  case returned(T)
  case refused(LMKVError.Code)
  case undone
  case failed(String)

  init(_ body: () throws -> T) {
    do {
      self = .returned(try body())
    } catch let error as LMKVError {
      self = .refused(error.code)
    } catch let refusal as Model.Refusal {
      self = .refused(refusal.code)
    } catch is ModelRun.Undone {
      self = .undone
    } catch {
      self = .failed("\(error)")
    }
  }

  var isFailure: Bool {
    if case .returned = self { false } else { true }
  }
}
