internal import CFloors
import Harness

/// Plain C on liblmdb. A single read renews the one transaction of the handle before it, and resets it afterwards.
final class FloorEntries: ReadContender {
  static let name = "lmdb-c"

  private let handle: OpaquePointer
  private let entries: EntrySet

  init(directory: String, entries: EntrySet) throws {
    var handle: OpaquePointer?
    try check(floor_entries_open(&handle, directory))
    guard let handle else { throw BenchmarkError("lmdb-c opened nothing.") }
    self.handle = handle
    self.entries = entries
    try check(
      entries.sortedKeys.withUnsafeBytes { keys in
        floor_entries_load(handle, keys.baseAddress, EntrySet.keySize, entries.count, EntrySet.valueSize)
      }
    )
  }

  deinit {
    floor_entries_close(handle)
  }

  func withReader(_ mode: ReadMode, _ body: ((Int) throws -> Int) throws -> Void) throws {
    try check(floor_entries_begin(handle))
    defer { floor_entries_end(handle) }
    try entries.shuffledKeys.withUnsafeBytes { keys in
      switch mode {
      case .snapshot:
        try body { try get(keys, $0) }
      case .single:
        floor_entries_reset(handle)
        try body { read in
          try check(floor_entries_renew(handle))
          defer { floor_entries_reset(handle) }
          return try get(keys, read)
        }
      }
    }
  }

  private func get(_ keys: UnsafeRawBufferPointer, _ read: Int) throws -> Int {
    var position: UInt64 = 0
    let key = entries.key(read, in: keys)
    try check(floor_entries_get(handle, key.baseAddress, key.count, &position))
    return Int(position)
  }
}

private func check(_ code: Int32) throws {
  if code != 0 { throw BenchmarkError("lmdb-c: \(String(cString: floor_error(code)))") }
}
