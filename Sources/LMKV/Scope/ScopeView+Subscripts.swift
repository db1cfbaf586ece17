extension ScopeView {
  /// The value under a key. Nil when the key is absent or has expired.
  ///
  /// ```swift
  /// try store.transaction { tx in
  ///   let bots = tx["bots"]
  ///   bots["color"] = "red"                 // writes
  ///   bots["shape"] = nil                   // removes; null itself is Value.null
  ///   bots["run", default: 0] += 1          // reads and writes
  ///   bots["last"]?["name"] = "Ada"         // changes a part of a value, and writes the whole
  /// }
  /// ```
  ///
  /// In a transaction it can be set, and a part of the value can be changed in place; a copy outside cannot change what
  /// is stored. A former expiry is gone, except with `default:`, which changes what is there and keeps it.
  ///
  /// A subscript cannot throw. The first failure is thrown when the closure of the snapshot, the transaction or the
  /// innermost savepoint returns: nothing that was written in it is kept. Until then subscripts read nil or the default,
  /// and write nothing. `get(_:)` and `set(_:_:)` throw at once. After the end a subscript stops the process: nobody would
  /// be told that it read or wrote nothing.
  public subscript(key: String) -> Stored? {
    unfailing { try get(key) } ?? nil
  }

  /// The value under a key, or another value when the key is absent or has expired. Reading stores nothing.
  ///
  /// ```swift
  /// counters["runs", default: 0] += 1
  /// ```
  public subscript(key: String, default defaultValue: @autoclosure () -> Stored) -> Stored {
    self[key] ?? defaultValue()
  }

  /// Runs what may throw where nothing can be thrown: nil after the first failure, which the snapshot keeps.
  func unfailing<R>(_ body: () throws -> R) -> R? {
    access.requireNotEnded()
    guard access.failure == nil else { return nil }
    do {
      return try body()
    } catch {
      access.fail(with: error)
      return nil
    }
  }
}

extension ScopeView where Access == Transaction {
  /// The value under a key, to read and to write; nil removes the key.
  public subscript(key: String) -> Stored? {
    get { unfailing { try get(key) } ?? nil }
    nonmutating set { write(key, newValue, as: Stored.self) }
  }

  /// The value under a key, or another value when the key is absent or has expired, to be changed in place.
  public subscript(key: String, default defaultValue: @autoclosure () -> Stored) -> Stored {
    get { self[key] ?? defaultValue() }
    nonmutating set { write(key, newValue, as: Stored.self, expires: .kept) }
  }

  fileprivate func write<T: Codable>(_ key: String, _ value: T?, as type: T.Type, expires: Expiry = .never) {
    _ = unfailing {
      if let value { try set(key, value, as: type, expires: expires) } else { try remove(key) }
    }
  }
}

/// A scope of any values, read and written as the type that the code says.
extension ScopeView where Stored == Value {
  /// The value under a key as a type that the context says. Nil when the key is absent or has expired.
  ///
  /// ```swift
  /// let color: String? = snapshot["bots"]["color"]
  /// ```
  @_disfavoredOverload
  public subscript<T: Codable>(key: String) -> T? {
    unfailing { try get(key, as: T.self) } ?? nil
  }

  /// The value under a key, or another one of its type when the key is absent or has expired. Reading stores nothing.
  public subscript<T: Codable>(key: String, default defaultValue: @autoclosure () -> T) -> T {
    self[key] ?? defaultValue()
  }
}

extension ScopeView where Stored == Value, Access == Transaction {
  /// The value under a key as a type that the context says, to read and to write; nil removes the key.
  @_disfavoredOverload
  public subscript<T: Codable>(key: String) -> T? {
    get { unfailing { try get(key, as: T.self) } ?? nil }
    nonmutating set { write(key, newValue, as: T.self) }
  }

  /// The value under a key, or another one of its type when the key is absent or has expired, to be changed in place.
  public subscript<T: Codable>(key: String, default defaultValue: @autoclosure () -> T) -> T {
    get { self[key] ?? defaultValue() }
    nonmutating set { write(key, newValue, as: T.self, expires: .kept) }
  }
}
