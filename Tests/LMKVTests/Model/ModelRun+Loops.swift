import LMKV

extension ModelRun {
  /// A loop over a selection, whose body writes to the very scope, or puts another one in its place: each key must be the next one of those that are there
  /// when it comes.
  func loop(_ view: TransactionScope<Value>, _ scope: String, _ tx: Transaction) throws {
    let selection = selection()
    note("loop over \(scope), \(selection.text)")
    var left = selection.limit ?? .max
    var last: Int?
    func next() -> Int? {
      guard left > 0 else { return nil }
      let ranks = selection.unlimited(model.ranks(scope), pool)
      guard let last else { return ranks.first }
      return ranks.first { selection.isAfter($0, last) }
    }
    try inside {
      for (key, value) in view.entries(selection.selection) {
        let rank = pool.rank(key)
        let expected = next()
        try expect(rank == expected, "a loop gave \(key.debugDescription), not \(name(expected))")
        try expect(exact(value) == model.scopes[scope]?[rank]?.bytes, "a loop gave another value of \(key)")
        last = rank
        left -= 1
        try write(while: view, scope, tx)
        if once(in: 20) { return }
      }
      try expect(next() == nil, "a loop ended before \(name(next()))")
    }
  }

  private func write(while view: TransactionScope<Value>, _ scope: String, _ tx: Transaction) throws {
    switch number(0...15) {
    case 0...3: try write(view, scope)
    case 4:
      let before = model
      note("savepoint in the loop, undone")
      do {
        try tx.savepoint {
          try inside { try write(view, scope) }
          throw Undone()
        }
      } catch is Undone {
        model = before
      }
    case 5: try once(in: 2) ? manageScopes(tx) : rename(scope, to: scopeName(), tx)
    default: break
    }
  }

  private func name(_ rank: Int?) -> String {
    rank.map { pool.keys[$0].text.debugDescription } ?? "its end"
  }
}
