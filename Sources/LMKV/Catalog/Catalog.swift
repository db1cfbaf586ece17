internal import LMDB

/// Which scope lives in which named DB, as of one generation.
///
/// Named DBs are never dropped or renamed, because other processes may have them open. A renamed scope keeps its DB;
/// the DB of a dropped scope is emptied and waits for the next new scope: the one of its own name before any other, but
/// any other too. So there are never more DBs than there were scopes at one time, and programs that keep dropping scopes
/// and creating others of ever new names do not run out of the handles that each process has (`maxScopes`). All named
/// DBs have the same flags, so any can serve. Nothing may be concluded from a DB's name.
final class Catalog: Sendable {
  let generation: UInt64
  /// The name of the named DB of each scope.
  let databases: [ExactString: String]
  /// The named DBs of dropped scopes, which are empty.
  let retired: Set<ExactString>

  init(generation: UInt64, databases: [ExactString: String] = [:], retired: Set<ExactString> = []) {
    self.generation = generation
    self.databases = databases
    self.retired = retired
  }

  var scopes: [String] {
    databases.keys.sorted().map(\.text)
  }

  /// The named DB of a scope. Nil where there is no such scope.
  func database(of scope: String) -> String? {
    databases[ExactString(scope)]
  }

  /// The named DB that a new scope of this name is to have: `scope:NAME` if it is retired, else another retired one, else
  /// a new one: `scope:NAME`, or a numbered one while another scope, which had this name once, has that.
  func databaseForNewScope(_ name: String) -> String {
    let plain = OwnDatabase.ofScope(name)
    if retired.contains(ExactString(plain)) { return plain }
    if let other = retired.min() { return other.text }
    let taken = Set(databases.values.lazy.map { ExactString($0) })
    if !taken.contains(ExactString(plain)) { return plain }
    var number = 2
    while taken.contains(ExactString("\(plain)#\(number)")) { number += 1 }
    return "\(plain)#\(number)"
  }
}
