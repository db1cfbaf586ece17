/// One store of entries, loaded and open.
protocol ReadContender: AnyObject {
  static var name: String { get }

  /// Makes the store in a directory that exists, and writes the entries in the order of their keys.
  init(directory: String, entries: EntrySet) throws

  /// Lends `body` a function that reads the entry of the n-th key in the order of the reads, and gives the position
  /// that its value starts with.
  func withReader(_ mode: ReadMode, _ body: (_ get: (_ read: Int) throws -> Int) throws -> Void) throws
}

enum ReadMode: String, CaseIterable {
  /// Many gets in one read transaction.
  case snapshot
  /// Each get in a read transaction of its own.
  case single
}
