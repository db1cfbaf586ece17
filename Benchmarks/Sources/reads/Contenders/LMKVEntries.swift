import Harness
internal import LMKV

/// How a value gets out of the store.
protocol BytesAccess {
  static var contender: String { get }
  static func position(of key: String, in view: SnapshotScope<[UInt8]>) throws -> Int
  static func position(of key: String, in scope: Scope<[UInt8]>) throws -> Int
}

/// As an array, which is a copy.
enum CopiedBytes: BytesAccess {
  static let contender = "lmkv"

  static func position(of key: String, in view: SnapshotScope<[UInt8]>) throws -> Int {
    try view.get(key)?.withUnsafeBytes(EntrySet.position) ?? -1
  }

  static func position(of key: String, in scope: Scope<[UInt8]>) throws -> Int {
    try scope.get(key)?.withUnsafeBytes(EntrySet.position) ?? -1
  }
}

/// Lent in its place, as C's `mdb_get` does.
enum LentBytes: BytesAccess {
  static let contender = "lmkv-lent"

  static func position(of key: String, in view: SnapshotScope<[UInt8]>) throws -> Int {
    try view.withBytes(key) { $0.withUnsafeBytes(EntrySet.position) ?? -1 } ?? -1
  }

  static func position(of key: String, in scope: Scope<[UInt8]>) throws -> Int {
    try scope.withBytes(key) { $0.withUnsafeBytes(EntrySet.position) ?? -1 } ?? -1
  }
}

/// LMKV: a scope of bytes, read in one snapshot or without one.
final class LMKVEntries<Access: BytesAccess>: ReadContender {
  static var name: String { Access.contender }

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
        try body { try Access.position(of: keys[$0], in: view) }
      }
    case .single:
      try body { try Access.position(of: keys[$0], in: scope) }
    }
  }
}
