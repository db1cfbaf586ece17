/// Something that is wrong with a data file.
package struct FileFinding: Error, Hashable, Sendable {
  package enum Kind: String, Sendable {
    /// One of the two meta pages.
    case header
    /// The file ends before something that it should have.
    case truncated
    /// A page that is not what it has to be where it is.
    case page
    /// Keys that are out of order, or not where they are looked for.
    case order
    /// A database's record, which does not agree with its tree.
    case record
    /// The list of free pages.
    case freeList
    /// A page that two things use, or that is used and free.
    case usedTwice
    /// Pages that nothing uses and that are not free.
    case lost
    /// What the operating system could not read.
    case unreadable
  }

  package let kind: Kind
  package let page: UInt64?
  /// The name of the named database, in bytes; nil for the main one, the free list, and none.
  package internal(set) var database: [UInt8]?
  package let key: [UInt8]?
  /// One plain sentence, or two.
  package let message: String

  init(_ kind: Kind, page: UInt64? = nil, database: [UInt8]? = nil, key: [UInt8]? = nil, _ message: String) {
    self.kind = kind
    self.page = page
    self.database = database
    self.key = key
    self.message = message
  }
}
