internal import CLMDB
internal import LMDBPlatform

// LMDB's numbers as Swift values. With `Calls.swift`, the only file that names the C library.
enum Constants {
  static let keyExists = MDB_KEYEXIST
  static let notFound = MDB_NOTFOUND
  static let pageNotFound = MDB_PAGE_NOTFOUND
  static let corrupted = MDB_CORRUPTED
  static let panic = MDB_PANIC
  static let versionMismatch = MDB_VERSION_MISMATCH
  static let invalid = MDB_INVALID
  static let mapFull = MDB_MAP_FULL
  static let databasesFull = MDB_DBS_FULL
  static let readersFull = MDB_READERS_FULL
  static let transactionFull = MDB_TXN_FULL
  static let mapResized = MDB_MAP_RESIZED
  static let incompatible = MDB_INCOMPATIBLE
  static let badTransaction = MDB_BAD_TXN
  static let badValueSize = MDB_BAD_VALSIZE
  static let badDatabase = MDB_BAD_DBI
  static let accessDenied = EACCES
  /// What LMDB lists instead of readers where it has no lock file.
  static let noReaderLocks = "(no reader locks)\n"
  /// What one `write` of Linux takes, less the page header. LMDB accepts longer values, and then cannot commit.
  static let maxValueSize = 0x7FFF_F000 - 16
}

/// Flags of `mdb_env_open`.
struct EnvironmentFlags: OptionSet {
  let rawValue: UInt32
  static let noSync = Self(rawValue: UInt32(MDB_NOSYNC))
  static let noMetaSync = Self(rawValue: UInt32(MDB_NOMETASYNC))
  static let readOnly = Self(rawValue: UInt32(MDB_RDONLY))
  static let noThreadLocalStorage = Self(rawValue: UInt32(MDB_NOTLS))
  static let noLock = Self(rawValue: UInt32(MDB_NOLOCK))
  static let noReadAhead = Self(rawValue: UInt32(MDB_NORDAHEAD))
}

/// Flags of `mdb_dbi_open`.
struct DatabaseFlags: OptionSet {
  let rawValue: UInt32
  static let create = Self(rawValue: UInt32(MDB_CREATE))
  static let reverseKey = Self(rawValue: UInt32(MDB_REVERSEKEY))
  static let integerKey = Self(rawValue: UInt32(MDB_INTEGERKEY))
  static let duplicates = Self(rawValue: UInt32(MDB_DUPSORT))
  static let fixedDuplicates = Self(rawValue: UInt32(MDB_DUPFIXED))
  static let integerDuplicates = Self(rawValue: UInt32(MDB_INTEGERDUP))
  static let reverseDuplicates = Self(rawValue: UInt32(MDB_REVERSEDUP))
}

/// Flags of `mdb_put`, `mdb_cursor_put` and `mdb_cursor_del`.
package struct WriteFlags: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static let noOverwrite = Self(rawValue: UInt32(MDB_NOOVERWRITE))
  package static let noDuplicate = Self(rawValue: UInt32(MDB_NODUPDATA))
  package static let current = Self(rawValue: UInt32(MDB_CURRENT))
  package static let append = Self(rawValue: UInt32(MDB_APPEND))
  package static let appendDuplicate = Self(rawValue: UInt32(MDB_APPENDDUP))
  static let reserve = Self(rawValue: UInt32(MDB_RESERVE))
}

/// Where a cursor is to move (`MDB_cursor_op`).
package enum CursorMove {
  case first, last, next, previous, current
  case exact, atOrAfter
  case nextKey, previousKey, firstDuplicate, lastDuplicate, nextDuplicate, previousDuplicate
  case exactPair, pairAtOrAfter

  var operation: MDB_cursor_op {
    switch self {
    case .first: MDB_FIRST
    case .last: MDB_LAST
    case .next: MDB_NEXT
    case .previous: MDB_PREV
    case .current: MDB_GET_CURRENT
    case .exact: MDB_SET_KEY
    case .atOrAfter: MDB_SET_RANGE
    case .nextKey: MDB_NEXT_NODUP
    case .previousKey: MDB_PREV_NODUP
    case .firstDuplicate: MDB_FIRST_DUP
    case .lastDuplicate: MDB_LAST_DUP
    case .nextDuplicate: MDB_NEXT_DUP
    case .previousDuplicate: MDB_PREV_DUP
    case .exactPair: MDB_GET_BOTH
    case .pairAtOrAfter: MDB_GET_BOTH_RANGE
    }
  }
}
