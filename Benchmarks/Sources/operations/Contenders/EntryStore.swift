/// A contender's store of entries.
protocol EntryStore: AnyObject {
  static var name: String { get }

  /// What it is measured at. A variant of a contender has only what it varies.
  static var operations: [Operation] { get }

  /// Makes an empty store in a directory that exists.
  init(directory: String, entries: EntrySet) throws

  /// Writes all entries in the order of their keys, in one transaction.
  func load() throws

  /// Lends `body` a reader of one snapshot.
  func withReader(_ body: (any EntryReader) throws -> Void) throws

  /// Writes the n-th entry of the sample in a transaction of its own.
  func set(_ index: Int) throws

  /// Writes a batch of the sample in one transaction.
  func setBatch(_ index: Int) throws

  /// Removes what the glob matches, in one transaction. Returns how many there were.
  func removeMatching() throws -> Int

  /// Writes it again.
  func restoreMatching() throws
}

extension EntryStore {
  static var operations: [Operation] { allEntryOperations }
}

let allEntryOperations: [Operation] = [.get, .set, .batch, .load, .scan, .prefix, .pattern, .count, .remove]

/// Reads in one snapshot.
protocol EntryReader {
  /// The number in the value of the n-th entry of the sample.
  func get(_ index: Int) throws -> Int
  func scan() throws -> ScanTotal
  /// How many keys begin with the group's prefix.
  func countKeys(ofGroup group: Int) throws -> Int
  /// How many keys the glob matches.
  func countMatching() throws -> Int
  func count() throws -> Int
}

/// A contender's store of records.
protocol RecordStore: AnyObject {
  static var name: String { get }
  init(directory: String, count: Int) throws
  /// Reads and decodes all records, in the order of their keys. Returns the sum of their authors' ages.
  func decodeAll() throws -> Int
}

/// A contender's store of entries that all expire.
protocol SweepStore: AnyObject {
  static var name: String { get }

  /// Makes a store whose entries are gone after a day, on a clock that stands still.
  init(directory: String, entries: EntrySet) throws

  /// Writes the first batch of the sample so that it has expired by now.
  func expireBatch() throws

  /// Removes what has expired. Returns how many entries there were.
  func sweep() throws -> Int
}
