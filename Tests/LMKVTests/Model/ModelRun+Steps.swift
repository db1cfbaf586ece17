import LMKV

extension ModelRun {
  /// One step outside of any transaction.
  func step() throws {
    let scope = scopeName()
    switch number(0...99) {
    case 0...29: try checkingRevision { try write(store.scope(scope), scope) }
    case 30...32:
      try checkingRevision { try count(store.scope(scope, of: Int8.self), scope, typed: Int8.self) }
    case 33...35:
      try checkingRevision { try count(store.scope(scope, of: UInt64.self), scope, typed: UInt64.self) }
    case 36...57: try checkingRevision(atMost: 0) { try read(store.scope(scope), scope) }
    case 58...62: try checkingRevision(atMost: 0) { try readSnapshot(scope) }
    case 63...74: try checkingRevision { try transaction() }
    case 75...80: try moveClock()
    case 81...83: try sweep()
    case 84: try checkingRevision(atMost: .max / 2) { try removeInSteps(scope) }
    case 85...87: try checkingRevision { try manageScopes(store) }
    case 88...96: try useOtherProcess(scope)
    case 97: if heldSnapshots < 3 { try holdSnapshot() }
    case 98: try store.read { try compareAll($0, model) }
    default: if once(in: 4) { try reopen() }
    }
  }

  private func readSnapshot(_ scope: String) throws {
    try store.read { snapshot in
      for _ in 0..<number(1...4) { try read(snapshot[scope], scope) }
    }
  }

  private func removeInSteps(_ scope: String) throws {
    let chosen = selection().limited(to: pick([3, 5, 1_000]))
    let step = number(0...5)
    try check("remove all of \(scope), \(chosen.text), in steps of \(step)") {
      try store.scope(scope).removeAll(chosen.selection, inStepsOf: step)
    } _: { model in
      guard step > 0 else { throw Model.Refusal(.invalidArgument) }
      let ranks = chosen.chosen(model.ranks(scope), pool)
      return ranks.count { model.remove(scope, $0) }
    }
  }

  // MARK: Time

  private func moveClock() throws {
    if once(in: 20) {
      try setClockBack(by: once(in: 4) ? number(1...100_000_000) : number(1...20))
    } else {
      let length = once(in: 30) ? number(1...100_000_000) : number(0...12)
      note("the clock goes on by \(length) ms")
      clock.advance(by: .milliseconds(length))
      model.now = clock.now
    }
  }

  /// What had expired lives again, if it was not swept meanwhile, which nobody can know: each such entry is as it was,
  /// or gone.
  private func setClockBack(by length: Int) throws {
    note("the clock goes back by \(length) ms")
    let former = model.now
    clock.advance(by: .milliseconds(-length))
    model.now = clock.now
    for (scope, entries) in model.scopes {
      for (rank, entry) in entries {
        guard let expiry = entry.expiry, expiry <= former, expiry > model.now else { continue }
        let found = try store.scope(scope).entry(pool.keys[rank].text)
        if let found { try expect(seen(found) == seen(rank, entry), "what lives again is another: \(found)") }
        if found == nil { model.scopes[scope]?[rank] = nil }
      }
    }
  }

  private func sweep() throws {
    let limit = pick([0, 1, 5, 1_000])
    try checkingRevision(atMost: 10) {
      try check("sweep at most \(limit)") {
        let result = try store.sweepExpired(limit: limit)
        // Entries of one place of the index go together, so a sweep may remove a few more.
        return result.removed >= 0
      } _: { _ in
        if limit == 0 { throw Model.Refusal(.invalidArgument) }
        return true
      }
    }
  }
}
