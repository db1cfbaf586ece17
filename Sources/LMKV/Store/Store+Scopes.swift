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
  /// name is said at the first use. As keys, names are the same only if their bytes are: Unicode has several spellings of
  /// "é", and each is a scope of its own.
  public func scope<Stored: Codable & Sendable>(_ name: String, of type: Stored.Type = Stored.self) -> Scope<Stored> {
    Scope(store: self, binding: binding(name))
  }

  func binding(_ name: String) -> ScopeBinding {
    bindings.withLock { bindings in
      if let binding = bindings[ExactString(name)] { return binding }
      // A cache, which names that come from outside must not make grow for ever.
      if bindings.count >= 4_096 { bindings.removeAll() }
      let binding = ScopeBinding(name)
      bindings[ExactString(name)] = binding
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

  /// Opens the named DBs of the scopes that there are when the store is opened.
  func openKnownScopes(_ environment: Environment) throws {
    _ = try translatingErrors { try BegunSnapshot.begin(self, environment).head }
  }

  /// Opens the named DBs of a catalog, unless they are many. False where a snapshot may not open any.
  func openScopes(of catalog: Catalog, at generation: UInt64, _ environment: Environment) throws -> Bool {
    guard !environment.isWritingOnThisThread else { return false }
    if catalog.databases.count <= Self.fewScopes {
      do throws(LMDBError) {
        for name in catalog.databases.values where environment.openedDatabase(name) == nil {
          _ = try environment.openDatabase(name)
        }
      } catch {
        // Who uses a scope that does not fit any more is told so then.
        guard error.code == .databasesFull else { throw error }
      }
    }
    catalogs.opened.store(generation, ordering: .releasing)
    return true
  }

  /// As many named DBs as can be open without being felt: each costs a renewed snapshot about 3 ns.
  static let fewScopes = 32
}
