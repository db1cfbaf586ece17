import Harness
internal import LMKV

/// LMKV: a scope of bytes.
class LMKVStore: EntryStore {
  class var name: String { "lmkv" }
  class var operations: [Operation] { allEntryOperations }

  private let store: Store
  private let scope: Scope<[UInt8]>
  private let entries: EntrySet

  required init(directory: String, entries: EntrySet) throws {
    store = try Store(path: directory, configuration: .init(durability: .relaxed()))
    scope = store.scope("data", of: [UInt8].self)
    self.entries = entries
    _ = (entries.strings.count, entries.sampleStrings.count)
  }

  func load() throws {
    let (keys, entries) = (entries.strings, entries)
    try scope.set(keys.indices.lazy.map { (keys[$0], entries.value(at: $0)) })
  }

  func withReader(_ body: (any EntryReader) throws -> Void) throws {
    try store.read { try body(reader(LMKVReader(view: $0[scope], sample: entries.sampleStrings))) }
  }

  fileprivate func reader(_ copying: LMKVReader) -> any EntryReader {
    copying
  }

  func set(_ index: Int) throws {
    let index = index % entries.sample.count
    try scope.set(entries.sampleStrings[index], entries.value(at: entries.sample[index]))
  }

  func setBatch(_ index: Int) throws {
    let (keys, entries) = (entries.sampleStrings, entries)
    try scope.set(entries.batch(index).lazy.map { (keys[$0], entries.value(at: entries.sample[$0])) })
  }

  func removeMatching() throws -> Int {
    try scope.removeAll(.matching(Pattern(EntrySet.glob)))
  }

  func restoreMatching() throws {
    let (keys, entries) = (entries.strings, entries)
    try scope.set(entries.matching.lazy.map { (keys[$0], entries.value(at: $0)) })
  }
}

/// LMKV, lending keys and values in their places instead of copying them.
final class LMKVLentStore: LMKVStore {
  override class var name: String { "lmkv-lent" }
  override class var operations: [Operation] { [.get, .scan] }

  fileprivate override func reader(_ copying: LMKVReader) -> any EntryReader { LMKVLentReader(copying: copying) }
}

struct LMKVReader: EntryReader {
  fileprivate let view: SnapshotScope<[UInt8]>
  fileprivate let sample: [String]

  func get(_ index: Int) throws -> Int {
    try view.get(sample[index])?.withUnsafeBytes(EntrySet.number) ?? -1
  }

  func scan() throws -> ScanTotal {
    var total = ScanTotal()
    try view.entries().forEach { key, value in
      value.withUnsafeBytes { total.add(keySize: key.utf8.count, $0) }
    }
    return total
  }

  func countKeys(ofGroup group: Int) throws -> Int {
    try countKeys(.prefix(EntrySet.prefix(ofGroup: group)))
  }

  func countMatching() throws -> Int {
    try countKeys(.matching(Pattern(EntrySet.glob)))
  }

  func count() throws -> Int { try view.count() }

  private func countKeys(_ selection: KeySelection) throws -> Int {
    var count = 0
    try view.keys(selection).forEach { count += $0.isEmpty ? 0 : 1 }
    return count
  }
}

struct LMKVLentReader: EntryReader {
  fileprivate let copying: LMKVReader

  func get(_ index: Int) throws -> Int {
    try copying.view.withBytes(copying.sample[index]) { $0.withUnsafeBytes(EntrySet.number) } ?? -1
  }

  func scan() throws -> ScanTotal {
    var total = ScanTotal()
    try copying.view.forEachBytes { key, value in
      value.withUnsafeBytes { total.add(keySize: key.byteCount, $0) }
    }
    return total
  }

  func countKeys(ofGroup group: Int) throws -> Int { try copying.countKeys(ofGroup: group) }
  func countMatching() throws -> Int { try copying.countMatching() }
  func count() throws -> Int { try copying.count() }
}
