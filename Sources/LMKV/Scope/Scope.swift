/// String keys to values of one type, in a ``Store``, like a dictionary that all processes share.
///
/// ```swift
/// let users = store.scope("users", of: User.self)
/// try users.set("ada", User(name: "Ada"))
/// try users.contains("ada")                       // true
/// try users.remove("ada")                         // true: it was there
/// ```
///
/// Each call is a transaction or a snapshot of its own. Several that belong together go into
/// ``Store/transaction(durability:timeout:_:)``, where `tx[users]` has the same methods; those of the scope itself, the
/// reads too, throw `nestedTransaction` there. Keys are ordered by the bytes of their UTF-8; two keys are the same if
/// and only if these bytes are.
///
/// Absent, null and empty are three things: `get` gives nil for an absent key, and null is a value that counts.
public struct Scope<Stored: Codable & Sendable>: Sendable {
  /// The store that it is in.
  public let store: Store
  let binding: ScopeBinding

  /// The name of the scope.
  public var name: String { binding.name }

  /// The same entries, seen as values of another type.
  ///
  /// Nothing is converted: a value that is not of the type throws `typeMismatch` when it is read.
  public func of<Other>(_ type: Other.Type) -> Scope<Other> {
    Scope<Other>(store: store, binding: binding)
  }
}
