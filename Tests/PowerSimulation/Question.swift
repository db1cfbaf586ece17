import Foundation

/// What a judge is asked about one image.
public struct Question: Codable, Sendable {
  public var directory: String
  /// The moment of the failure: what was not begun then is not there.
  public var ticket: UInt64
  /// The moment whose promises must hold: an earlier one where an older file was put back.
  public var since: UInt64
  /// Whether every acknowledged transaction must be there, relaxed ones too, since nothing was lost.
  public var isEverythingThere = false
  /// How many transactions must be there for other reasons.
  public var others = 0
  /// The boot ID, 32 hexadecimal digits.
  public var boot: String
  /// With which errors it may be refused: words that they have.
  public var refusals: Set<String> = []
  public static let contradiction = "inDoubt:"
  public static let foreignBranch = "another LMDB program has written to data.mdb before the log was repeated"
  /// How many pairs of a foreign program must be there, that wrote when nobody had the store open.
  public var foreign = 0
  /// It may be this other store, with exactly so many transactions.
  public var otherStore: Int?

  public init(directory: String, ticket: UInt64, boot: String) {
    self.directory = directory
    self.ticket = ticket
    since = ticket
    self.boot = boot
  }
}

/// What a judge says.
public struct Answer: Codable, Sendable {
  /// Nil: all is well.
  public var fault: String?
  /// What the store told its logger meanwhile.
  public var notes: [String] = []

  public init(fault: String?, notes: [String]) {
    self.fault = fault
    self.notes = notes
  }
}
