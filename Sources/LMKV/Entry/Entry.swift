public import Foundation

/// A key with its value and what the store knows about them.
public struct Entry<Stored> {
  public let key: String
  public let value: Stored
  /// The revision of the transaction that wrote it. It differs after every write of the key.
  public let revision: UInt64
  /// When it is gone. Nil: never.
  public let expires: Date?

  init(key: String, value: Stored, _ header: EntryHeader) {
    self.key = key
    self.value = value
    revision = header.revision
    expires = header.expiry.map { Date(timeIntervalSince1970: Double($0) / 1_000) }
  }
}

extension Entry: Sendable where Stored: Sendable {}
extension Entry: Equatable where Stored: Equatable {}
