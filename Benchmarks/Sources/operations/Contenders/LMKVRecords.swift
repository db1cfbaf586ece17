internal import LMKV
internal import Records

/// LMKV: a scope of Codable records.
final class LMKVRecords: RecordStore {
  static var name: String { LMKVStore.name }

  private let scope: Scope<Record>

  init(directory: String, count: Int) throws {
    let store = try Store(path: directory, configuration: .init(durability: .relaxed()))
    scope = store.scope("records", of: Record.self)
    try scope.set(RecordKeys.samples(count))
  }

  func decodeAll() throws -> Int {
    try scope.store.read { snapshot in
      var ages = 0
      try snapshot[scope].values().forEach { ages += $0.author.age }
      return ages
    }
  }
}
