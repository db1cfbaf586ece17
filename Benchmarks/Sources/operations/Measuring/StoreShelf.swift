internal import Foundation
import Harness

/// The stores of one size, each made when the first operation asks for it.
final class StoreShelf {
  let entries: EntrySet
  private let directory: StoreDirectory
  private var entryStores: [String: any EntryStore] = [:]
  private var recordStores: [String: any RecordStore] = [:]
  private var sweepStores: [String: any SweepStore] = [:]
  private var stores = 0

  init(_ entries: EntrySet, in directory: StoreDirectory) {
    self.entries = entries
    self.directory = directory
  }

  /// A store with all entries, the same for all operations that leave it as it is.
  func store(_ type: any EntryStore.Type) throws -> any EntryStore {
    try Self.find(type.name, in: &entryStores) {
      let store = try type.init(directory: makeDirectory(type.name).path, entries: entries)
      try store.load()
      return store
    }
  }

  func store(_ type: any RecordStore.Type, count: Int) throws -> any RecordStore {
    try Self.find(type.name, in: &recordStores) {
      try type.init(directory: makeDirectory("\(type.name)-records").path, count: count)
    }
  }

  func store(_ type: any SweepStore.Type) throws -> any SweepStore {
    try Self.find(type.name, in: &sweepStores) {
      try type.init(directory: makeDirectory("\(type.name)-sweep").path, entries: entries)
    }
  }

  /// Lends an empty store that is gone afterwards.
  func withEmptyStore(_ type: any EntryStore.Type, _ body: (any EntryStore) throws -> Void) throws {
    let directory = try makeDirectory("\(type.name)-load")
    try body(try type.init(directory: directory.path, entries: entries))
    try self.directory.discard(directory)
  }

  private func makeDirectory(_ name: String) throws -> URL {
    stores += 1
    return try directory.makeStore("\(name)-\(entries.count)-\(stores)")
  }

  private static func find<Store>(_ name: String, in stores: inout [String: Store], _ make: () throws -> Store) throws
    -> Store
  {
    if let store = stores[name] { return store }
    let store = try make()
    stores[name] = store
    return store
  }
}
