/// A named database of an environment, or its main one: an ordered map from keys to values.
///
/// The handle is a number that is valid in every later transaction of the environment, in this process. Keys are 1 to
/// 511 bytes and ordered by their bytes unless the options say otherwise.
///
/// LMDB: `MDB_dbi`.
public struct Database: Hashable, Sendable {
  /// How keys are compared, and whether a key can have several values. Stored in the file; every opener must agree.
  public struct Options: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Keys are compared from their last byte to their first (`MDB_REVERSEKEY`).
    public static let reverseKeys = Self(rawValue: DatabaseFlags.reverseKey.rawValue)
    /// Keys are integers in the machine's byte order, all of one size, 4 or 8 bytes (`MDB_INTEGERKEY`).
    public static let integerKeys = Self(rawValue: DatabaseFlags.integerKey.rawValue)
    /// A key has any number of values of at most 511 bytes, in order (`MDB_DUPSORT`). LMDB 0.9.24 has bugs here.
    public static let duplicates = Self(rawValue: DatabaseFlags.duplicates.rawValue)
    /// With `duplicates`: all values have the same size (`MDB_DUPFIXED`).
    public static let fixedSizeDuplicates = Self(rawValue: DatabaseFlags.fixedDuplicates.rawValue)
    /// With `fixedSizeDuplicates`: values are integers in the machine's byte order (`MDB_INTEGERDUP`).
    public static let integerDuplicates = Self(rawValue: DatabaseFlags.integerDuplicates.rawValue)
    /// With `duplicates`: values are compared from their last byte to their first (`MDB_REVERSEDUP`).
    public static let reverseDuplicates = Self(rawValue: DatabaseFlags.reverseDuplicates.rawValue)
  }

  /// The size and shape of a database.
  public struct Statistics: Hashable, Sendable {
    public let entries: Int
    /// How many pages a look-up passes through.
    public let depth: Int
    public let branchPages: Int
    public let leafPages: Int
    /// Pages of values that are too long for a leaf.
    public let overflowPages: Int
    /// Bytes in a page.
    public let pageSize: Int

    /// The bytes of all pages of the database.
    public var size: Int { (branchPages + leafPages + overflowPages) * pageSize }
  }

  package let number: UInt32
  /// Tells this use of the number from others, after the transaction that opened the database was aborted.
  let generation: UInt32
  let environment: ObjectIdentifier
  /// The name; nil for the main database.
  public let name: String?
}
