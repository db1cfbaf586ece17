import LMKV

extension ModelRun {
  func writeSeveral(_ view: some WriteVerbs, _ scope: String) throws {
    let keys = once(in: 12) ? goodKeys(upTo: 120) : keys(upTo: 6)
    let entries = keys.map { ($0, value: keys.count > 6 || !once(in: 8) ? goodValue() : value()) }
    let texts = entries.map { ($0.0.text, $0.value) }
    let expires = expiring()
    let briefly = entries.prefix(6).map { "\($0.0.text.prefix(20).debugDescription): \(brief($0.value))" }
    let what = "\(scope) \(entries.count) \(briefly), expires \(expires.text)"
    switch number(0...4) {
    case 0:
      try check("set \(what)") {
        try view.set(texts, expires: expires.expiry)
        return true
      } _: {
        try expires.checked()
        for (key, value) in entries { try $0.put(scope, key, value, expires) }
        return true
      }
    case 1: try setDictionary(view, scope, Dictionary(texts, uniquingKeysWith: { $1 }), expires)
    case 2:
      try check("set those absent of \(what)") {
        try view.setIfAbsent(texts, expires: expires.expiry).map(pool.rank)
      } _: { model in
        try expires.checked()
        var written: [Int] = []
        for (key, value) in entries where try model.living(scope, key) == nil {
          try model.put(scope, key, value, expires)
          written.append(try key.checked())
        }
        return written
      }
    case 3: try setAllIfAbsent(view, scope, entries, expires, what)
    default:
      try check("remove \(scope) \(keys.prefix(6).map(\.text))") {
        try view.remove(keys.map(\.text))
      } _: { model in
        let ranks = try keys.map { try $0.checked() }
        return ranks.count { model.remove(scope, $0) }
      }
    }
  }

  /// With a dictionary, in which keys that look alike are one, and whose order nobody knows: so at most one may be bad.
  private func setDictionary(
    _ view: some WriteVerbs,
    _ scope: String,
    _ entries: [String: Value],
    _ expires: Model.Expiring
  ) throws {
    let keyed = entries.filter {
      pool.rank($0.key) >= 0 && (try? Model.encoded($0.value).count) ?? .max <= Model.maxValueSize
    }
    try check("set \(scope) a dictionary of \(keyed.keys.sorted()), expires \(expires.text)") {
      try view.set(keyed, expires: expires.expiry)
      return true
    } _: {
      try expires.checked()
      for (text, value) in keyed {
        try $0.put(scope, Model.Key(text: text, rank: pool.rank(text)), value, expires)
      }
      return true
    }
  }

  private func setAllIfAbsent(
    _ view: some WriteVerbs,
    _ scope: String,
    _ entries: [(Model.Key, value: Value)],
    _ expires: Model.Expiring,
    _ what: String
  ) throws {
    // Mostly of keys that are absent, which otherwise would be rare.
    let isThere = { [model] (key: Model.Key) in key.rank.map { model.living(scope, $0) != nil } ?? false }
    let entries = once(in: 4) ? entries : entries.filter { !isThere($0.0) }
    try check("set all if absent \(what)") {
      switch try view.setAllIfAbsent(entries.map { ($0.0.text, $0.value) }, expires: expires.expiry) {
      case .applied(let revision): return (revision, [Int]())
      case .refused(let present): return (nil, present.map(pool.rank))
      }
    } _: { model in
      let present = try entries.filter { try model.living(scope, $0.0) != nil }
      if !present.isEmpty { return (nil, try present.map { try $0.0.checked() }) }
      try expires.checked()
      for (key, value) in entries { try model.put(scope, key, value, expires) }
      return (entries.isEmpty ? model.revision : model.newRevision, [])
    }
  }

  private func check(
    _ what: String,
    _ found: () throws -> (revision: UInt64?, ranks: [Int]),
    _ expected: (inout Model) throws -> (revision: UInt64?, ranks: [Int])
  ) throws {
    struct Seen: Equatable {
      let revision: UInt64?
      let ranks: [Int]
    }
    func seen(_ result: (revision: UInt64?, ranks: [Int])) -> Seen {
      Seen(revision: result.revision, ranks: result.ranks)
    }
    try check(what) {
      try seen(found())
    } _: {
      try seen(expected(&$0))
    }
  }
}
