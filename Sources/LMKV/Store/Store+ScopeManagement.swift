extension Store {
  /// Creates an empty scope. See ``Transaction/createScope(_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.createScope")
  public func createScope(_ name: String) throws {
    try perform(nil) { try $0.createScope(name) }
  }

  /// Gives a scope another name, at once and for all processes. See ``Transaction/renameScope(_:to:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.renameScope")
  public func renameScope(_ name: String, to newName: String) throws {
    try perform(nil) { try $0.renameScope(name, to: newName) }
  }

  /// Copies the entries of a scope into a new one. Returns how many there are. See ``Transaction/copyScope(_:to:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.copyScope")
  @discardableResult
  public func copyScope(_ name: String, to newName: String) throws -> Int {
    try perform(nil) { try $0.copyScope(name, to: newName) }
  }

  /// Removes a scope with everything in it. Returns how many entries it had. See ``Transaction/dropScope(_:)``.
  @available(*, noasync, message: "it would block a thread of the cooperative pool; use store.async.dropScope")
  @discardableResult
  public func dropScope(_ name: String) throws -> Int {
    try perform(nil) { try $0.dropScope(name) }
  }

  /// What a scope takes up. Nil when there is no such scope.
  public func scopeInfo(_ name: String) throws -> ScopeInfo? {
    try read { try $0.scopeInfo(name) }
  }

  /// The scope of this program's own: ``Configuration/defaultScope``, or the one that has the name of the program's
  /// file, without folder and extension.
  ///
  /// ```swift
  /// try store.defaultScope.set("last", .date(.now))
  /// try store.defaultScope.of(Int.self).increment("runs")
  /// ```
  public var defaultScope: Scope<Value> {
    scope(configuration.defaultScope ?? Self.programName)
  }

  static let programName: String = {
    let file = CommandLine.arguments.first?.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? ""
    // A dot at the beginning begins a name, not an extension.
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file.isEmpty ? "main" : String(file) }
    return String(file[..<dot])
  }()
}

extension AsyncStore {
  /// Creates an empty scope. See ``Transaction/createScope(_:)``.
  public func createScope(_ name: String) async throws {
    try await transaction { try $0.createScope(name) }
  }

  /// Gives a scope another name, at once and for all processes. See ``Transaction/renameScope(_:to:)``.
  public func renameScope(_ name: String, to newName: String) async throws {
    try await transaction { try $0.renameScope(name, to: newName) }
  }

  /// Copies the entries of a scope into a new one. Returns how many there are. See ``Transaction/copyScope(_:to:)``.
  @discardableResult
  public func copyScope(_ name: String, to newName: String) async throws -> Int {
    try await transaction { try $0.copyScope(name, to: newName) }
  }

  /// Removes a scope with everything in it. Returns how many entries it had. See ``Transaction/dropScope(_:)``.
  @discardableResult
  public func dropScope(_ name: String) async throws -> Int {
    try await transaction { try $0.dropScope(name) }
  }
}
