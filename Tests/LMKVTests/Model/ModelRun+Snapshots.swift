import LMKV

extension ModelRun {
  /// A scope with one entry that lives for ever, for all that must look at the clock.
  static let pin = "pin"

  /// Writes what every store of a run has besides what the model chooses.
  func setUp() throws {
    try store.scope(Self.pin).set("far", 1, expires: .days(100_000))
    model.scopes = [:]
    model.revision = try store.read { $0.revision }
  }

  /// Holds a snapshot open over later operations, and compares it again and again with the model as it was.
  func holdSnapshot() throws {
    note("hold a snapshot")
    try store.read { snapshot in
      // All scopes are opened, and the moment is fixed, before anything else happens.
      _ = try snapshot.scopes
      _ = try snapshot[Self.pin].contains("far")
      let past = model
      heldSnapshots += 1
      defer { heldSnapshots -= 1 }
      try inside {
        for _ in 0..<number(1...4) {
          for _ in 0..<number(0...8) { try step() }
          let scope = scopeName()
          for _ in 0..<number(1...3) { try read(snapshot[scope], scope, against: past) }
        }
        try compareAll(snapshot, past)
      }
      note("let the snapshot go")
    }
  }

  /// Compares everything: all scopes, all entries in order, values, revisions and expiries.
  func compareAll(_ snapshot: Snapshot, _ model: Model) throws {
    note("compare everything")
    try expect(snapshot.revision == model.revision, "the revision is \(snapshot.revision), not \(model.revision)")
    let names = Self.sorted(Array(model.scopes.keys) + [Self.pin])
    let scopes = try snapshot.scopes
    try expect(scopes.map { Array($0.utf8) } == names, "the scopes are \(scopes)")
    for scope in model.scopes.keys.sorted() {
      let expected = model.ranks(scope).map { seen($0, model.scopes[scope]?[$0] ?? Self.nothing) }
      var found: [SeenEntry] = []
      try snapshot[scope].fullEntries().forEach { found.append(try seen($0)) }
      try expect(found == expected, "\(scope) holds \(difference(found, expected))")
      let keys = Array(snapshot[scope].keys(.all.reversed())).map(pool.rank)
      try expect(keys == expected.map(\.rank).reversed(), "the keys of \(scope) backwards are \(keys)")
      let values = try snapshot[scope].values().map(exact)
      try expect(values == expected.map(\.bytes), "the values of \(scope) alone are others")
      try expect(try snapshot[scope].count() == expected.count, "\(scope) is not counted as \(expected.count)")
    }
  }

  private static let nothing = Model.Entry(value: .null, bytes: [], expiry: nil, revision: 0)

  private func difference(_ found: [SeenEntry], _ expected: [SeenEntry]) -> String {
    func text(_ entries: [SeenEntry]) -> String {
      entries.map { "\(pool.keys.indices.contains($0.rank) ? pool.keys[$0.rank].text.debugDescription : "?"): \($0)" }
        .joined(separator: "; ")
    }
    return "besides \(text(found.filter { !expected.contains($0) })), and lacks "
      + text(expected.filter { !found.contains($0) })
  }
}
