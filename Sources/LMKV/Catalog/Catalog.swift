/// Which scope lives in which named DB, as of one generation.
///
/// Named DBs are never dropped or renamed, because other processes may have them open. A renamed scope keeps its DB;
/// the DB of a dropped scope is emptied and waits for the next scope that wants its name.
final class Catalog: Sendable {
  let generation: UInt64
  /// The name of the named DB of each scope.
  let databases: [String: String]
  /// The named DBs of dropped scopes, which are empty.
  let retired: Set<String>

  init(generation: UInt64, databases: [String: String] = [:], retired: Set<String> = []) {
    self.generation = generation
    self.databases = databases
    self.retired = retired
  }

  var scopes: [String] {
    databases.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The named DB that a new scope of this name is to have: `scope:NAME`, or a numbered one while another scope, which
  /// had this name once, has that.
  func databaseForNewScope(_ name: String) -> String {
    let taken = Set(databases.values)
    let plain = "scope:\(name)"
    if !taken.contains(plain) { return plain }
    var number = 2
    while taken.contains("\(plain)#\(number)") { number += 1 }
    return "\(plain)#\(number)"
  }
}
