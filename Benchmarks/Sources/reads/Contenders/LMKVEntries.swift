import Harness
internal import LMKV

/// LMKV: a scope of bytes, read in one snapshot or without one.
final class LMKVEntries: ReadContender {
  static let name = "lmkv"

  private let store: Store
  private let scope: Scope<[UInt8]>
  private let keys: [String]

  init(directory: String, entries: EntrySet) throws {
    store = try Store(path: directory, configuration: .init(durability: .relaxed()))
    scope = store.scope("data", of: [UInt8].self)
    keys = entries.shuffledStrings
    try store.transaction { transaction in
      let view = transaction[scope]
      for (index, key) in entries.sortedStrings.enumerated() { try view.set(key, EntrySet.value(at: index)) }
    }
  }

  func withReader(_ mode: ReadMode, _ body: ((Int) throws -> Int) throws -> Void) throws {
    switch mode {
    case .snapshot:
      try store.read { snapshot in
        let view = snapshot[scope]
        try body { position(try view.get(keys[$0])) }
      }
    case .single:
      try body { position(try scope.get(keys[$0])) }
    }
  }

  private func position(_ value: [UInt8]?) -> Int {
    value.flatMap { $0.withUnsafeBytes(EntrySet.position) } ?? -1
  }
}
