import LMKV

extension ModelRun {
  /// What reads a value as a type, changes it, and writes it back.
  func count(_ view: some WriteVerbs, _ scope: String, _ key: Model.Key) throws {
    let expires = expiring()
    let what = "\(scope) \(key.text.prefix(30).debugDescription), expires \(expires.text)"
    switch number(0...7) {
    case 0...2:
      let amount = pick([1, 1, 1, -2, 100, Int.max, Int.min])
      try check("increment by \(amount) \(what)") {
        try view.increment(key.text, by: amount, expires: expires.expiry)
      } _: {
        try changing(&$0, scope, key, expires) { (old: Int?) in try sum(old ?? 0, amount) }
      }
    case 3:
      let amount = pick([0.5, -1, 1e300, .infinity])
      try check("increment by \(amount) \(what)") {
        try exact(.double(view.increment(key.text, by: amount, expires: expires.expiry)))
      } _: {
        try exact(
          changing(&$0, scope, key, expires) { (old: StoredDouble?) in StoredDouble((old?.number ?? 0) + amount) }
            .modelled
        )
      }
    case 4: try bound(view, scope, key, number(-3...3), expires)
    case 5: try bound(view, scope, key, pick([0.5, -0.5, .nan, .infinity]), expires)
    case 6:
      try check("append \(what)") {
        try view.append(key.text, 3, expires: expires.expiry)
      } _: {
        try appending(&$0, scope, key, [3], expires)
      }
    default:
      let elements: [Value] = pick([[], [1, "x"], [nil]])
      try check("append \(elements.count) \(what)") {
        try view.append(key.text, contentsOf: elements, expires: expires.expiry)
      } _: {
        try appending(&$0, scope, key, elements, expires)
      }
    }
  }

  /// The same through a scope of integers of a type, which small ones overflow soon.
  func count<View: IntegerVerbs>(_ view: View, _ scope: String, typed _: View.Stored.Type) throws {
    typealias Number = View.Stored
    let key = key()
    let amount = Number(truncatingIfNeeded: number(-100...100))
    let expires = expiring()
    let what = "\(scope) \(key.text.prefix(30).debugDescription) as \(Number.self), \(amount), expires \(expires.text)"
    switch number(0...3) {
    case 0:
      try check("get \(what)") {
        try view.get(key.text)
      } _: {
        try $0.living(scope, key).map { try Number.reading($0.value) }
      }
    case 1:
      try check("raise \(what)") {
        try view.raise(key.text, to: amount, expires: expires.expiry)
      } _: {
        try bounding(&$0, scope, key, amount, expires) { $0 < amount }
      }
    case 2:
      try check("lower \(what)") {
        try view.lower(key.text, to: amount, expires: expires.expiry)
      } _: {
        try bounding(&$0, scope, key, amount, expires) { amount < $0 }
      }
    default:
      try check("increment \(what)") {
        try view.increment(key.text, by: amount, expires: expires.expiry)
      } _: {
        try changing(&$0, scope, key, expires) { (old: Number?) in try sum(old ?? 0, amount) }
      }
    }
  }

  private func bound<T: ModelledType & Comparable>(
    _ view: some WriteVerbs,
    _ scope: String,
    _ key: Model.Key,
    _ value: T,
    _ expires: Model.Expiring
  ) throws {
    let isRaised = once(in: 2)
    let what = "\(scope) \(key.text.prefix(30).debugDescription) to \(value), expires \(expires.text)"
    try check("\(isRaised ? "raise" : "lower") \(what)") {
      let new =
        isRaised
        ? try view.raise(key.text, to: value, expires: expires.expiry)
        : try view.lower(key.text, to: value, expires: expires.expiry)
      return try exact(new.modelled)
    } _: {
      guard value == value else { throw Model.Refusal(.invalidArgument) }
      return try exact(bounding(&$0, scope, key, value, expires) { isRaised ? $0 < value : value < $0 }.modelled)
    }
  }

  // MARK: In the model

  private func sum<T: FixedWidthInteger>(_ old: T, _ amount: T) throws -> T {
    let (sum, isOverflow) = old.addingReportingOverflow(amount)
    if isOverflow { throw Model.Refusal(.overflow) }
    return sum
  }

  private func changing<T: ModelledType>(
    _ model: inout Model,
    _ scope: String,
    _ key: Model.Key,
    _ expires: Model.Expiring,
    _ change: (T?) throws -> T
  ) throws -> T {
    try expires.checked()
    let new = try change(model.living(scope, key).map { try T.reading($0.value) })
    try model.put(scope, key, new.modelled, expires)
    return new
  }

  private func bounding<T: ModelledType>(
    _ model: inout Model,
    _ scope: String,
    _ key: Model.Key,
    _ value: T,
    _ expires: Model.Expiring,
    _ isBeyond: (T) -> Bool
  ) throws -> T {
    try expires.checked()
    let former = try model.living(scope, key).map { try T.reading($0.value) }
    if let former, !isBeyond(former) { return former }
    try model.put(scope, key, value.modelled, expires)
    return value
  }

  private func appending(
    _ model: inout Model,
    _ scope: String,
    _ key: Model.Key,
    _ elements: [Value],
    _ expires: Model.Expiring
  ) throws -> Int {
    try expires.checked()
    var array: [Value] = []
    if let former = try model.living(scope, key) {
      guard let old = former.value.array else { throw Model.Refusal(.typeMismatch) }
      array = old
    }
    array += elements
    try model.put(scope, key, .array(array), expires)
    return array.count
  }
}
