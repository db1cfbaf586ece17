public import Foundation
internal import LMDB

/// What a check of a store found.
///
/// ```swift
/// let report = try Store.check(path: "/var/lib/app/state")
/// for finding in report.findings { print(finding.message) }
/// ```
public struct CheckReport: Hashable, Sendable {
  /// Something that is wrong.
  public struct Finding: Hashable, Sendable {
    /// What sort of thing it is.
    public let kind: Kind
    /// The page of the data file.
    public let page: UInt64?
    /// The named DB of the data file.
    public let database: String?
    /// The scope whose entries the database holds.
    public let scope: String?
    /// The key of the entry. What is no UTF-8 in it is replaced.
    public let key: String?
    /// One or two plain sentences. They never contain values.
    public let message: String
  }

  /// What sort of thing a finding is about. New ones may be added.
  public struct Kind: Hashable, Sendable, CustomStringConvertible {
    private let name: String

    init(_ name: String) {
      self.name = name
    }

    /// The name that `lmkv check --json` prints.
    public var description: String { name }

    /// One of the two meta pages, which are the beginning of everything.
    public static let header = Kind(FileFinding.Kind.header)
    /// The file ends before something that it should have.
    public static let truncated = Kind(FileFinding.Kind.truncated)
    /// A page that is not what it has to be where it is.
    public static let page = Kind(FileFinding.Kind.page)
    /// Keys that are out of order, so that they cannot be found.
    public static let order = Kind(FileFinding.Kind.order)
    /// A database's record, which does not agree with its tree.
    public static let record = Kind(FileFinding.Kind.record)
    /// The list of free pages.
    public static let freeList = Kind(FileFinding.Kind.freeList)
    /// A page that two things use, or that is used and free.
    public static let usedTwice = Kind(FileFinding.Kind.usedTwice)
    /// Pages that nothing uses and that are not free.
    public static let lost = Kind(FileFinding.Kind.lost)
    /// What the operating system could not read.
    public static let unreadable = Kind(FileFinding.Kind.unreadable)
    /// The store's own records, and its list of scopes.
    public static let catalog = Kind("catalog")
    /// The key of an entry, or what stands before its value.
    public static let entry = Kind("entry")
    /// A value that cannot be decoded.
    public static let value = Kind("value")
    /// The index of expiries.
    public static let expiry = Kind("expiry")
    /// A record of the file `checkpoint`.
    public static let checkpoint = Kind("checkpoint")
    /// A record of the log, or the log as a whole.
    public static let log = Kind("log")
    /// Files that contradict each other, so that the store is not opened; see ``Store/recoveryReport(path:weighingChoices:)``.
    public static let doubt = Kind("doubt")

    private init(_ kind: FileFinding.Kind) {
      self.init(kind.rawValue)
    }

    init(of finding: FileFinding) {
      self.init(finding.kind)
    }
  }

  /// A part of the check, and what was found in it.
  public struct Section: Hashable, Sendable {
    /// `pages`, the data file as LMDB has it; `store`, what LMKV has in it; `checkpoint` and `log`, the files beside it.
    public let name: String
    /// The first thousand findings.
    public internal(set) var findings: [Finding] = []
    /// How many findings there are.
    public internal(set) var count = 0

    static let largest = 1_000

    init(_ name: String) {
      self.name = name
    }

    mutating func add(_ kind: Kind, _ message: String) {
      add(Finding(kind: kind, page: nil, database: nil, scope: nil, key: nil, message: message))
    }

    mutating func add(_ finding: Finding) {
      count += 1
      if findings.count < Self.largest { findings.append(finding) }
    }
  }

  /// The directory.
  public let path: String
  /// The identity of the store. Nil where it cannot be read.
  public internal(set) var uuid: UUID?
  /// The revision of the state that was checked. Nil where it cannot be read.
  public internal(set) var revision: UInt64?
  /// LMDB's transaction of the state that was checked.
  public internal(set) var transactionID: UInt64 = 0
  /// Bytes in a page.
  public internal(set) var pageSize = 0
  /// How many pages there are, free ones included.
  public internal(set) var pages: UInt64 = 0
  public internal(set) var freePages: UInt64 = 0
  /// How many entries of scopes were met, those included that have expired but were not swept yet.
  public internal(set) var entries = 0
  /// What was found, part by part. All parts are there, also without findings.
  public internal(set) var sections: [Section] = []

  /// What should be known, and is nothing wrong.
  public internal(set) var notes: [String] = []

  init(path: String) {
    self.path = path
  }

  /// Whether nothing was found.
  public var isSound: Bool { sections.allSatisfy { $0.count == 0 } }
  /// All findings, of each section the first thousand.
  public var findings: [Finding] { sections.flatMap(\.findings) }
  /// How many findings there are.
  public var count: Int { sections.reduce(0) { $0 + $1.count } }
}

/// How far a check is.
public struct CheckProgress: Hashable, Sendable {
  /// How many pages were looked at.
  public let pages: UInt64
  /// How many there are.
  public let total: UInt64
}
