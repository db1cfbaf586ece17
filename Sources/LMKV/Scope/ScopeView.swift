/// A scope inside a snapshot or a transaction.
///
/// ```swift
/// try store.read { snapshot in
///   let users = snapshot[self.users]
///   for (name, user) in users.entries(.prefix("a")) { print(name, user) }
/// }
/// ```
///
/// It has the methods of ``Scope``, all on one state of the store. It is of use only until the closure returns.
public struct ScopeView<Stored: Codable & Sendable, Access: Snapshot> {
  let access: Access
  let binding: ScopeBinding

  /// The name of the scope.
  public var name: String { binding.name }
}

/// A scope in a ``Snapshot``.
public typealias SnapshotScope<Stored: Codable & Sendable> = ScopeView<Stored, Snapshot>
/// A scope in a ``Transaction``.
public typealias TransactionScope<Stored: Codable & Sendable> = ScopeView<Stored, Transaction>

// Disfavoured, so that a transaction, which is a snapshot too, gives the scopes that can be written.
extension Snapshot {
  /// A scope in this snapshot. Of a scope of another store each use throws `invalidArgument`.
  @_disfavoredOverload
  public subscript<Stored>(scope: Scope<Stored>) -> SnapshotScope<Stored> {
    SnapshotScope(access: self, binding: binding(of: scope))
  }

  /// A scope in this snapshot, by name, with values of any kind.
  @_disfavoredOverload
  public subscript(name: String) -> SnapshotScope<Value> {
    scope(name)
  }

  /// A scope in this snapshot, by name.
  @_disfavoredOverload
  public func scope<Stored>(_ name: String, of type: Stored.Type = Stored.self) -> SnapshotScope<Stored> {
    SnapshotScope(access: self, binding: store.binding(name))
  }

  /// A scope in this snapshot, by name, with values of any kind.
  @_disfavoredOverload
  public func scope(_ name: String) -> SnapshotScope<Value> {
    scope(name, of: Value.self)
  }

  /// Where a scope lies for this store. What a binding has cached is of use to its own store alone.
  final func binding<Stored>(of scope: Scope<Stored>) -> ScopeBinding {
    if scope.store === store { return scope.binding }
    // A second `Store` on the same files is as good; another store, even a copy of this one, is not.
    if let other = try? scope.store.environment(), other === environment { return store.binding(scope.name) }
    return ScopeBinding(scope.name, problem: .scopeOfAnotherStore(scope.name))
  }
}

extension Transaction {
  /// A scope in this transaction. Of a scope of another store each use throws `invalidArgument`.
  public subscript<Stored>(scope: Scope<Stored>) -> TransactionScope<Stored> {
    TransactionScope(access: self, binding: binding(of: scope))
  }

  /// A scope in this transaction, by name, with values of any kind.
  public subscript(name: String) -> TransactionScope<Value> {
    scope(name)
  }

  /// A scope in this transaction, by name.
  public func scope<Stored>(_ name: String, of type: Stored.Type = Stored.self) -> TransactionScope<Stored> {
    TransactionScope(access: self, binding: store.binding(name))
  }

  /// A scope in this transaction, by name, with values of any kind.
  public func scope(_ name: String) -> TransactionScope<Value> {
    scope(name, of: Value.self)
  }
}
