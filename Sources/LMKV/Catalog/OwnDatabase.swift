/// What a named DB of the store is for, by its name.
///
/// A name tells no more than the kind: the scope of a name may live in the named DB of another one, see ``Catalog``.
enum OwnDatabase {
  case metadata, expiry, scope, coordination

  static let scopePrefix = "scope:"
  private static let coordinationPrefix = "coordination:"

  /// The one that a scope of this name gets first.
  static func ofScope(_ name: String) -> String { scopePrefix + name }

  static func ofCoordination(_ name: String) -> String { coordinationPrefix + name }

  /// Nil for one that LMKV knows nothing of.
  init?(_ name: [UInt8]) {
    if unsafe name == Array(Metadata.databaseName.utf8) {
      self = .metadata
    } else if unsafe name == Array(ExpiryIndex.databaseName.utf8) {
      self = .expiry
    } else if name.starts(with: Self.scopePrefix.utf8) {
      self = .scope
    } else if name.starts(with: Self.coordinationPrefix.utf8) {
      self = .coordination
    } else {
      return nil
    }
  }
}
