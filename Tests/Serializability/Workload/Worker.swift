internal import Dispatch
package import LMKV
internal import PowerSimulation

/// Does random things to a store, by whatever door, and keeps a journal of what it did and saw.
// One thread at a time uses it: the caller's, or the one that runs the body for which the caller waits.
package final class Worker: @unchecked Sendable {
  /// What a body throws to be undone.
  struct Undone: Error {}

  let store: Store
  let lists: Scope<[Int]>
  let counters: Scope<Int>
  /// The same files, opened once more.
  let otherLists: Scope<[Int]>
  /// Helpers that have captured a scope, and know nothing of transactions.
  let helper: @Sendable (String) throws -> [Int]
  /// Reads on another thread while this one is in a transaction.
  let elsewhere: Worker?
  let rotation: Rotation
  let journal: Journal
  var chance: Chance
  /// The steps of what runs now; one list for each savepoint that it is in.
  var steps: [[Step]] = [[]]
  private let number: Int
  private var transactions = 0
  private var elements = 0

  /// How often a read through an outer handle was refused inside a transaction, and how often it was answered.
  package private(set) var refused = 0
  package private(set) var answered = 0

  /// - Parameter number: from 0 to 99, unlike that of any other worker on the store.
  package convenience init(
    _ number: Int,
    _ store: Store,
    _ other: Store,
    _ rotation: Rotation,
    _ journal: Journal,
    seed: UInt64
  ) {
    let elsewhere = Worker(number + 100, store, other, rotation, journal, Chance(seed, 1), elsewhere: nil)
    self.init(number, store, other, rotation, journal, Chance(seed, 0), elsewhere: elsewhere)
  }

  private init(
    _ number: Int,
    _ store: Store,
    _ other: Store,
    _ rotation: Rotation,
    _ journal: Journal,
    _ chance: Chance,
    elsewhere: Worker?
  ) {
    self.number = number
    self.elsewhere = elsewhere
    self.store = store
    self.rotation = rotation
    self.journal = journal
    self.chance = chance
    let lists = store.scope("lists", of: [Int].self)
    self.lists = lists
    counters = store.scope("counters", of: Int.self)
    otherLists = other.scope("lists", of: [Int].self)
    helper = { try lists.get($0) ?? [] }
  }

  // MARK: Records

  /// A record of something that begins now.
  func newRecord(_ door: String) throws -> Record {
    transactions += 1
    elements = 0
    steps = [[]]
    let record = Record(number * 1_000_000 + transactions, "\(door), worker \(number)", began: Self.nanoseconds)
    try journal.begin(record)
    return record
  }

  /// An element that nobody has appended yet, of the record that was begun last.
  func newElement() -> Int {
    elements += 1
    return History.element(number * 1_000_000 + transactions, elements)
  }

  /// Keeps a record of something that has ended just now.
  func keep(_ record: Record, _ outcome: Record.Outcome) throws {
    var record = record
    record.ended = Self.nanoseconds
    record.outcome = outcome
    record.steps = steps[0]
    try journal.end(record)
  }

  func note(_ step: Step) {
    steps[steps.count - 1].append(step)
    if case .read(let key, let list) = step { rotation.note(key, list.count) }
  }

  /// The monotonic clock, which is the same in all processes.
  static var nanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds }

  // MARK: Choices

  func anyList() -> String { rotation.list(chance.below(Rotation.lists)) }

  func anyCounter() -> String { rotation.counter(chance.below(Rotation.counters)) }

  /// Tries to read through an outer handle inside a transaction. Nil where that is refused, as it must be.
  func outer<R>(_ read: () throws -> R) throws -> R? {
    do {
      let result = try read()
      answered += 1
      return result
    } catch let error as LMKVError where error.code == .nestedTransaction {
      refused += 1
      return nil
    }
  }
}
