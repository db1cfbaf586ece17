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
  /// A scope in this snapshot. It must be one of the snapshot's store.
  @_disfavoredOverload
  public subscript<Stored>(scope: Scope<Stored>) -> SnapshotScope<Stored> {
    checkKinship(scope.store)
    return SnapshotScope(access: self, binding: scope.binding)
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

  func checkKinship(_ other: Store) {
    precondition(other === store || other.uuid == store.uuid, "A scope was used in a transaction of another store.")
  }
}

extension Transaction {
  /// A scope in this transaction. It must be one of the transaction's store.
  public subscript<Stored>(scope: Scope<Stored>) -> TransactionScope<Stored> {
    checkKinship(scope.store)
    return TransactionScope(access: self, binding: scope.binding)
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
