import LMKV

/// A ``ConditionalResult`` as tests compare it.
enum SeenResult: Equatable {
  case applied(UInt64)
  case refused(SeenEntry?)
}

extension ModelRun {
  func writeConditionally(_ view: some WriteVerbs, _ scope: String, _ key: Model.Key) throws {
    let value = value()
    let expires = expiring()
    let former = key.rank.flatMap { model.living(scope, $0) }
    // A condition that holds about as often as not.
    let revision = once(in: 2) ? former?.revision : UInt64(number(1...max(1, Int(model.revision))))
    let expected = once(in: 2) ? former?.value ?? 1 : self.value()
    let text = "\(scope) \(key.text.prefix(30).debugDescription)"
    let change = "to \(brief(value)), expires \(expires.text)"
    func set(_ what: String, _ found: () throws -> ConditionalResult<Value>, when: @escaping (Model.Entry?) -> Bool)
      throws
    {
      try check("\(what) \(text) \(change)") {
        try seen(found())
      } _: {
        try expires.checked()
        let former = try $0.living(scope, key)
        guard when(former) else { return .refused(former.map { seen(key.rank ?? -1, $0) }) }
        try $0.put(scope, key, value, expires)
        return .applied($0.newRevision)
      }
    }
    switch number(0...5) {
    case 0:
      try set("set if absent", { try view.setIfAbsent(key.text, value, expires: expires.expiry) }) { $0 == nil }
    case 1:
      try set("set if present", { try view.setIfPresent(key.text, value, expires: expires.expiry) }) { $0 != nil }
    case 2:
      try set(
        "set if of revision \(revision.map(String.init) ?? "none")",
        { try view.set(key.text, value, ifRevision: revision, expires: expires.expiry) },
        when: { $0?.revision == revision }
      )
    case 3:
      try set(
        "set if \(brief(expected))",
        { try view.set(key.text, value, ifValue: expected, expires: expires.expiry) },
        when: { $0?.value == expected }
      )
    case 4:
      try remove("\(text) if of revision \(revision ?? 1)", scope, key) {
        try view.remove(key.text, ifRevision: revision ?? 1)
      } when: {
        $0.revision == revision ?? 1
      }
    default:
      try remove("\(text) if \(brief(expected))", scope, key) {
        try view.remove(key.text, ifValue: expected)
      } when: {
        $0.value == expected
      }
    }
  }

  private func remove(
    _ what: String,
    _ scope: String,
    _ key: Model.Key,
    _ found: () throws -> ConditionalResult<Value>,
    when: (Model.Entry) -> Bool
  ) throws {
    try check("remove \(what)") {
      try seen(found())
    } _: {
      guard let former = try $0.living(scope, key) else { return .refused(nil) }
      guard when(former) else { return .refused(seen(key.rank ?? -1, former)) }
      _ = try $0.remove(scope, key.checked())
      return .applied($0.newRevision)
    }
  }

  private func seen(_ result: ConditionalResult<Value>) throws -> SeenResult {
    switch result {
    case .applied(let revision): .applied(revision)
    case .refused(let current): .refused(try current.map(seen))
    }
  }
}
