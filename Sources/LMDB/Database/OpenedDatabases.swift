/// The databases that a write transaction has opened, by the level of child transaction that opened them.
///
/// LMDB closes them again when that level is aborted, and gives them to everybody when the outermost one commits. One
/// object serves a transaction and its children, all on one thread.
final class OpenedDatabases {
  private var levels: [[String: UInt32]] = [[:]]

  var all: [String: UInt32] { levels.last ?? [:] }

  func number(of name: String) -> UInt32? {
    for level in levels.reversed() {
      if let number = level[name] { return number }
    }
    return nil
  }

  func add(_ name: String, _ number: UInt32) {
    levels[levels.count - 1][name] = number
  }

  func addLevel() {
    levels.append([:])
  }

  func discardLevel() {
    levels.removeLast()
    if levels.isEmpty { levels = [[:]] }
  }

  func mergeLevel() {
    guard levels.count > 1 else { return }
    levels[levels.count - 2].merge(levels.removeLast()) { $1 }
  }
}
