/// The databases that a write transaction has opened, by the level of child transaction that opened them.
///
/// LMDB closes them again when that level is aborted, and gives them to everybody when the outermost one commits. One
/// object serves one transaction after the other, each with its children, on the thread that has the turn to write.
final class OpenedDatabases {
  private var levels: [[ExactString: UInt32]] = [[:]]
  /// Whether the transaction has opened none, which is what most have done.
  // Set where nothing else is going on, so that no access can meet another.
  @safe @exclusivity(unchecked) private var isEmpty = true

  /// What is left at the end of the outermost transaction; the next one begins with nothing.
  func takeAll() -> [ExactString: UInt32] {
    if isEmpty { return [:] }
    isEmpty = true
    let all = levels[0]
    levels[0] = [:]
    return all
  }

  func number(of name: String) -> UInt32? {
    for level in levels.reversed() {
      if let number = level[ExactString(name)] { return number }
    }
    return nil
  }

  var names: [ExactString] { levels.flatMap(\.keys) }

  func name(of number: UInt32) -> String? {
    for level in levels.reversed() {
      if let entry = level.first(where: { $0.value == number }) { return entry.key.text }
    }
    return nil
  }

  func add(_ name: String, _ number: UInt32) {
    levels[levels.count - 1][ExactString(name)] = number
    isEmpty = false
  }

  func addLevel() {
    levels.append([:])
  }

  /// Takes away what the current level opened, and returns it.
  func takeLevel() -> [ExactString: UInt32] {
    if levels.count > 1 { return levels.removeLast() }
    return takeAll()
  }

  func mergeLevel() {
    let last = levels.removeLast()
    if !last.isEmpty { levels[levels.count - 1].merge(last) { $1 } }
  }
}
