internal import LMDB
internal import Synchronization

extension Store {
  /// A scope by name: string keys to values of one type.
  ///
  /// ```swift
  /// let users = store.scope("users", of: User.self)
  /// ```
  ///
  /// Costs nothing and cannot fail; the scope comes into being when something is written to it. What is wrong with the
  /// name is said at the first use. Names that Unicode takes for equal are one scope.
  public func scope<Stored: Codable & Sendable>(_ name: String, of type: Stored.Type = Stored.self) -> Scope<Stored> {
    Scope(store: self, binding: binding(name))
  }

  func binding(_ name: String) -> ScopeBinding {
    bindings.withLock { bindings in
      if let binding = bindings[name] { return binding }
      // A cache, which names that come from outside must not make grow for ever.
      if bindings.count >= 4_096 { bindings.removeAll() }
      let binding = ScopeBinding(name)
      bindings[name] = binding
      return binding
    }
  }

  /// A scope by name: string keys to values of any kind.
  public func scope(_ name: String) -> Scope<Value> {
    scope(name, of: Value.self)
  }

  /// The names of all scopes, in order.
  public var scopes: [String] {
    get throws { try read { $0.catalog.scopes } }
  }

  /// Opens the named DBs of up to a few dozen scopes at once: a snapshot cannot use one that is opened after it began.
  func openKnownScopes(_ environment: Environment) throws {
    try translatingErrors {
      let catalog: Catalog? = try {
        let transaction = try environment.beginSnapshot()
        guard let head = unsafe try Head.read(transaction.raw) else { return nil }
        return unsafe try catalogs.catalog(in: transaction.raw, generation: head.generation, environment)
      }()
      guard let catalog, catalog.databases.count <= Self.fewScopes else { return }
      for name in catalog.databases.values { _ = try environment.openDatabase(name) }
    }
  }

  /// As many named DBs as can be open without being felt: each costs a renewed snapshot about 3 ns.
  static let fewScopes = 32
}
