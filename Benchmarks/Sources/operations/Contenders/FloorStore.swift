internal import CFloors
import Harness

/// Plain C on liblmdb. A batch is written in the order in which it comes.
final class FloorStore: EntryStore {
  static let name = "lmdb-c"

  private let handle: OpaquePointer
  private let entries: EntrySet
  private let values: [UInt8]

  init(directory: String, entries: EntrySet) throws {
    var handle: OpaquePointer?
    try check(floor_entries_open(&handle, directory))
    guard let handle else { throw BenchmarkError("lmdb-c opened nothing.") }
    self.handle = handle
    self.entries = entries
    values = entries.values.flatMap(\.self)
  }

  deinit {
    floor_entries_close(handle)
  }

  func load() throws {
    try withSet(entries.keys[...]) { try check(floor_entries_put(handle, $0, nil, entries.count)) }
  }

  func withReader(_ body: (any EntryReader) throws -> Void) throws {
    try check(floor_entries_begin(handle))
    defer { floor_entries_end(handle) }
    try entries.sampleKeys.withUnsafeBytes { try body(FloorReader(handle: handle, keys: $0)) }
  }

  func set(_ index: Int) throws {
    let index = index % entries.sample.count
    try putSample(index..<index + 1)
  }

  func setBatch(_ index: Int) throws {
    try putSample(entries.batch(index))
  }

  func removeMatching() throws -> Int {
    var count = 0
    try check(floor_entries_remove(handle, EntrySet.glob, &count))
    return count
  }

  func restoreMatching() throws {
    try put(entries.matchingKeys[...], at: entries.matching[...])
  }

  private func putSample(_ range: Range<Int>) throws {
    let bytes = range.lowerBound * EntrySet.keySize..<range.upperBound * EntrySet.keySize
    try put(entries.sampleKeys[bytes], at: entries.sample[range])
  }

  private func put(_ keys: ArraySlice<UInt8>, at positions: ArraySlice<Int>) throws {
    try withSet(keys) { set in
      try positions.withUnsafeBytes { positions in
        let positions = positions.bindMemory(to: Int.self)
        try check(floor_entries_put(handle, set, positions.baseAddress, positions.count))
      }
    }
  }

  private func withSet(_ keys: ArraySlice<UInt8>, _ body: (UnsafePointer<floor_entry_set>) throws -> Void) throws {
    try keys.withUnsafeBytes { keys in
      try values.withUnsafeBytes { values in
        var set = floor_entry_set(
          keys: keys.bindMemory(to: CChar.self).baseAddress,
          key_size: EntrySet.keySize,
          values: values.bindMemory(to: CChar.self).baseAddress,
          value_size: EntrySet.valueSize,
          value_count: EntrySet.valueCount
        )
        try body(&set)
      }
    }
  }
}

struct FloorReader: EntryReader {
  fileprivate let handle: OpaquePointer
  fileprivate let keys: UnsafeRawBufferPointer

  func get(_ index: Int) throws -> Int {
    var number: UInt64 = 0
    let key = EntrySet.key(index)
    try check(floor_entries_get(handle, keys.baseAddress?.advanced(by: key.lowerBound), key.count, &number))
    return Int(number)
  }

  func scan() throws -> ScanTotal {
    let total = try scan(prefix: "")
    return ScanTotal(entries: total.entries, bytes: total.bytes, numbers: Int(total.numbers))
  }

  func countKeys(ofGroup group: Int) throws -> Int {
    try scan(prefix: EntrySet.prefix(ofGroup: group)).entries
  }

  func countMatching() throws -> Int {
    var count = 0
    try check(floor_entries_match(handle, EntrySet.glob, &count))
    return count
  }

  func count() throws -> Int {
    var count = 0
    try check(floor_entries_count(handle, &count))
    return count
  }

  private func scan(prefix: String) throws -> floor_scan_total {
    var total = floor_scan_total()
    try check(floor_entries_scan(handle, prefix, prefix.utf8.count, &total))
    return total
  }
}

private func check(_ code: Int32) throws {
  if code != 0 { throw BenchmarkError("lmdb-c: \(String(cString: floor_error(code)))") }
}
