/// What all transactions on a store did and saw, and whether there is an order that explains it: strict
/// serializability.
///
/// The way is that of Elle (Kingsbury and Alvaro, 2020). The lists say in which order the versions of each key came to
/// be. From that follows for each pair of transactions that met at a key which one was first; and who had ended before
/// another one began was before it, too. All is well if and only if no transaction comes before itself. What the lists
/// say of themselves is looked at first: nothing that was undone, nothing half done, nothing lost, nothing twice.
package struct History {
  /// How many elements a transaction can append.
  package static let maxElements = 100

  /// The element with a number that a transaction appends. It says whose it is, also when its process was killed before
  /// it could.
  package static func element(_ transaction: Int, _ number: Int) -> Int { transaction * maxElements + number }

  static func owner(of element: Int) -> Int { element / maxElements }

  package var records: [Record]

  package init(_ records: [Record]) {
    self.records = records
  }

  /// What cannot be, the plainest first. Of each tangle of transactions one cycle, as short as possible.
  package func anomalies() -> [Anomaly] {
    var check = HistoryCheck(records)
    check.checkThemselves()
    check.orderLists()
    check.orderCounters()
    check.findLostUpdates()
    check.findCycles()
    return check.anomalies
  }
}
