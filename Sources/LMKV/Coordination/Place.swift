internal import ControlPage
internal import LMDB

/// Which lock, semaphore or computation. Two are the same if their names have the same bytes.
struct Place: Hashable, Sendable {
  /// Each kind has names of its own. What the numbers mean is the same in all processes.
  enum Kind: UInt16 {
    case lock = 1
    case semaphore = 2
    /// What ``Store/once(_:of:expires:timeout:_:)`` is just computing.
    case once = 3
    /// What ``Scope/memoize(_:expires:timeout:_:)`` is just computing: the scope, a zero byte, and the key.
    case memoize = 4
  }

  let kind: Kind
  let name: PlaceName

  private init(_ kind: Kind, _ name: some Sequence<UInt8>) {
    self.kind = kind
    self.name = PlaceName(kind: kind.rawValue, Array(name))
  }

  /// Nil for a kind that only younger versions know.
  init?(_ name: PlaceName) {
    guard let kind = Kind(rawValue: name.kind) else { return nil }
    self.kind = kind
    self.name = name
  }

  static func lock(_ name: String) -> Place { Place(.lock, name.utf8) }

  static func semaphore(_ name: String) -> Place { Place(.semaphore, name.utf8) }

  static func once(_ name: String) -> Place { Place(.once, name.utf8) }

  /// No scope has a zero byte in its name, so no two pairs have the same bytes; and there is room for the longest ones.
  static func memoize(_ key: String, in scope: String) -> Place {
    Place(.memoize, scope.utf8 + [0] + key.utf8)
  }

  /// How it is called.
  var text: String {
    guard kind == .memoize, let end = name.bytes.firstIndex(of: 0) else {
      return String(decoding: name.bytes, as: UTF8.self)
    }
    return String(decoding: name.bytes[..<end], as: UTF8.self) + "/"
      + String(decoding: name.bytes[(end + 1)...], as: UTF8.self)
  }

  /// As it is called in a sentence.
  var title: String {
    switch kind {
    case .lock: "lock \"\(text)\""
    case .semaphore: "semaphore \"\(text)\""
    case .once, .memoize: "computation of \"\(text)\""
    }
  }
}

/// Where coordination keeps its values: named DBs that are laid out as scopes are, but are in no catalog.
enum OwnScope {
  static func binding(_ name: String) -> ScopeBinding {
    // No scope of a user can have a name with a zero byte.
    ScopeBinding("\0\(name)", ownDatabase: OwnDatabase.ofCoordination(name))
  }
}
