internal import LMKV
internal import Synchronization

/// LMKV: a scope whose entries expire, on a clock that the benchmark sets.
final class LMKVSweep: SweepStore {
  static var name: String { LMKVStore.name }

  private let store: Store
  private let scope: Scope<[UInt8]>
  private let entries: EntrySet
  private let clock: Clock

  private final class Clock: Sendable {
    let milliseconds = Atomic<Int64>(1_800_000_000_000)
  }

  init(directory: String, entries: EntrySet) throws {
    let clock = Clock()
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.clock = StoreClock { clock.milliseconds.load(ordering: .relaxed) }
    store = try Store(path: directory, configuration: configuration)
    scope = store.scope("data", of: [UInt8].self)
    self.entries = entries
    self.clock = clock
    let keys = entries.strings
    try scope.set(keys.indices.lazy.map { (keys[$0], entries.value(at: $0)) }, expires: .days(1))
  }

  func expireBatch() throws {
    let (keys, entries) = (entries.sampleStrings, entries)
    try scope.set(
      entries.batch(0).lazy.map { (keys[$0], entries.value(at: entries.sample[$0])) },
      expires: .milliseconds(10)
    )
    clock.milliseconds.add(10, ordering: .relaxed)
  }

  func sweep() throws -> Int {
    try store.sweepExpired().removed
  }
}
