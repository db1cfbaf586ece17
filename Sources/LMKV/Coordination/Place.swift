internal import LMDB

/// Which lock, semaphore or computation.
struct Place: Hashable, Sendable {
  /// Each kind has names, and a named DB, of its own.
  enum Kind: String, CaseIterable, Sendable {
    case lock
    case semaphore
    /// What ``Store/once(_:of:expires:timeout:_:)`` and ``Scope/memoize(_:expires:timeout:_:)`` are just computing.
    case computation
  }

  let kind: Kind
  /// As its record is found: the same only if the bytes are.
  private let exactName: ExactString

  var name: String { exactName.text }

  private init(kind: Kind, name: String) {
    self.kind = kind
    exactName = ExactString(name)
  }

  /// As it is called in a sentence.
  var title: String {
    switch kind {
    case .lock: "lock \"\(name)\""
    case .semaphore: "semaphore \"\(name)\""
    case .computation: "computation of \"\(name.split(separator: "\0").joined(separator: "/"))\""
    }
  }

  static func lock(_ name: String) -> Place { Place(kind: .lock, name: name) }

  static func semaphore(_ name: String) -> Place { Place(kind: .semaphore, name: name) }

  /// The computation of the value under a key of a scope, or of a value of the store itself. What is too long for
  /// a name is cut, and told apart by a hash.
  static func computation(_ key: String, in scope: String?) -> Place {
    let name = scope.map { "\($0)\0\(key)" } ?? key
    guard name.utf8.count > String.maxKeySize else { return Place(kind: .computation, name: name) }
    var hash = FNV1a()
    for byte in name.utf8 { hash.combine(byte: byte) }
    let start = String(decoding: name.utf8.prefix(480), as: UTF8.self).prefix(160)
    return Place(kind: .computation, name: "\(start)#\(String(hash.value, radix: 16))")
  }
}

/// Where coordination keeps its state: named DBs that are laid out as scopes are, but are in no catalog.
enum OwnScope {
  static func binding(_ name: String) -> ScopeBinding {
    // No scope of a user can have a name with a zero byte.
    ScopeBinding("\0\(name)", ownDatabase: OwnDatabase.ofCoordination(name))
  }
}
