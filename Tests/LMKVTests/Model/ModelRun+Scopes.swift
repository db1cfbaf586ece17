import LMKV

/// What manages scopes, alike on a store and in a transaction.
protocol ScopeVerbs {
  func createScope(_ name: String) throws
  func renameScope(_ name: String, to newName: String) throws
  func copyScope(_ name: String, to newName: String) throws -> Int
  func dropScope(_ name: String) throws -> Int
  var scopes: [String] { get throws }
}

extension Store: ScopeVerbs {}
extension Transaction: ScopeVerbs {}

extension ModelRun {
  func manageScopes(_ view: some ScopeVerbs) throws {
    let name = once(in: 40) ? "" : scopeName()
    let newName = once(in: 40) ? "" : scopeName()
    switch number(0...6) {
    case 0:
      try check("create \(name)") {
        try view.createScope(name)
        return true
      } _: {
        try $0.createScope(name)
        return true
      }
    case 1, 2: try rename(name, to: newName, view)
    case 3, 4:
      try check("copy \(name) to \(newName)") {
        try view.copyScope(name, to: newName)
      } _: {
        try $0.copyScope(name, to: newName)
      }
    case 5:
      try check("drop \(name)") {
        try view.dropScope(name)
      } _: {
        try $0.dropScope(name)
      }
    default: try listScopes(view)
    }
  }

  func rename(_ name: String, to newName: String, _ view: some ScopeVerbs) throws {
    try check("rename \(name) to \(newName)") {
      try view.renameScope(name, to: newName)
      return true
    } _: {
      try $0.renameScope(name, to: newName)
      return true
    }
  }

  func listScopes(_ view: some ScopeVerbs) throws {
    try check("list the scopes") {
      try view.scopes.map { Array($0.utf8) }
    } _: {
      Self.sorted(Array($0.scopes.keys) + [Self.pin])
    }
  }

  static func sorted(_ names: some Sequence<String>) -> [[UInt8]] {
    names.map { Array($0.utf8) }.sorted(by: isBefore)
  }
}
