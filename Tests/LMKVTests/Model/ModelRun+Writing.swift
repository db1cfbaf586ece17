import LMKV

extension ModelRun {
  /// One operation that writes, on a handle or in a transaction.
  func write(_ view: some WriteVerbs, _ scope: String) throws {
    switch number(0...29) {
    case 0...8: try writeOne(view, scope, key())
    case 9...13: try writeConditionally(view, scope, key())
    case 14...16: try writeOver(view, scope, key())
    case 17...21: try count(view, scope, key())
    case 22...25: try writeSeveral(view, scope)
    case 26, 27: try changeExpiry(view, scope)
    default: try removeSelection(view, scope)
    }
  }

  private func writeOne(_ view: some WriteVerbs, _ scope: String, _ key: Model.Key) throws {
    let what = "\(scope) \(key.text.prefix(30).debugDescription)"
    if once(in: 5) {
      try check("remove \(what)") {
        try view.remove(key.text)
      } _: {
        try $0.remove(scope, key.checked())
      }
    } else {
      let value = value()
      let expires = expiring()
      try check("set \(what) to \(brief(value)), expires \(expires.text)") {
        try view.set(key.text, value, expires: expires.expiry)
        return true
      } _: {
        try $0.put(scope, key, value, expires)
        return true
      }
    }
  }

  // MARK: In place

  private func writeOver(_ view: some WriteVerbs, _ scope: String, _ key: Model.Key) throws {
    let value = value()
    let expires = expiring()
    let what = "\(scope) \(key.text.prefix(30).debugDescription), \(brief(value)), expires \(expires.text)"
    switch number(0...3) {
    case 0:
      try check("exchange \(what)") {
        try view.exchange(key.text, value, expires: expires.expiry).map(exact)
      } _: {
        try expires.checked()
        let former = try $0.living(scope, key)
        try $0.put(scope, key, value, expires)
        return former?.bytes
      }
    case 1:
      try check("take \(what)") {
        try view.take(key.text).map(exact)
      } _: {
        let former = try $0.living(scope, key)
        _ = try $0.remove(scope, key.checked())
        return former?.bytes
      }
    case 2:
      let isThrowing = once(in: 8)
      try check("\(isThrowing ? "get or throw" : "get or set") \(what)") {
        let made = try view.getOrSet(key.text, expires: expires.expiry) {
          if isThrowing { throw Undone() }
          return value
        }
        return try exact(made)
      } _: {
        // What is there is given at once, whatever the expiry would be.
        if view is Scope<Value>, let former = try $0.living(scope, key) { return former.bytes }
        try expires.checked()
        if let former = try $0.living(scope, key) { return former.bytes }
        if isThrowing { throw Undone() }
        try $0.put(scope, key, value, expires)
        return try exact(value)
      }
    default: try update(view, scope, key, value, expires)
    }
  }

  /// `update` in its two forms: with a default, and with nil for what is absent.
  private func update(
    _ view: some WriteVerbs,
    _ scope: String,
    _ key: Model.Key,
    _ value: Value,
    _ expires: Model.Expiring
  ) throws {
    let isThrowing = once(in: 8)
    let what = "\(scope) \(key.text.prefix(30).debugDescription), \(brief(value)), expires \(expires.text)"
    if once(in: 2) {
      try check("update \(what)\(isThrowing ? ", throwing" : "")") {
        let new = try view.update(key.text, default: value, expires: expires.expiry) { current in
          current = [current]
          if isThrowing { throw Undone() }
        }
        return try exact(new)
      } _: {
        try expires.checked()
        let former = try $0.living(scope, key)
        if isThrowing { throw Undone() }
        let new: Value = [former?.value ?? value]
        try $0.put(scope, key, new, expires)
        return try exact(new)
      }
    } else {
      // Absent becomes present, and the other way round. A `nil` beside a `Value` would be null.
      let toggle = { (current: Value?) -> Value? in current == .none ? value : Value?.none }
      try check("toggle \(what)\(isThrowing ? ", throwing" : "")") {
        let new = try view.update(key.text, expires: expires.expiry) { current in
          current = toggle(current)
          if isThrowing { throw Undone() }
        }
        return try new.map(exact)
      } _: {
        try expires.checked()
        let former = try $0.living(scope, key)
        if isThrowing { throw Undone() }
        if former == nil { try $0.put(scope, key, value, expires) } else { _ = try $0.remove(scope, key.checked()) }
        return former == nil ? try exact(value) : nil
      }
    }
  }

  // MARK: Expiry

  private func changeExpiry(_ view: some WriteVerbs, _ scope: String) throws {
    let expires = expiring()
    let never = Model.Expiring(expiry: .never, text: "never", moment: .some(nil), keepsFormer: false)
    let key = key()
    let keys = keys(upTo: 4)
    let one = "\(scope) \(key.text.prefix(30).debugDescription), expires \(expires.text)"
    let several = "\(scope) \(keys.map(\.text)), expires \(expires.text)"
    switch number(0...5) {
    case 0:
      try check("persist \(one)") {
        try view.persist(key.text)
      } _: {
        try $0.touch(scope, key.checked(), never)
      }
    case 1:
      try check("touch \(several)") {
        try view.touch(keys.map(\.text), expires: expires.expiry)
      } _: { model in
        try expires.checked()
        let ranks = try keys.map { try $0.checked() }
        return ranks.count { model.touch(scope, $0, expires) }
      }
    case 2:
      try check("persist \(several)") {
        try view.persist(keys.map(\.text))
      } _: { model in
        let ranks = try keys.map { try $0.checked() }
        return ranks.count { model.touch(scope, $0, never) }
      }
    default:
      try check("touch \(one)") {
        try view.touch(key.text, expires: expires.expiry)
      } _: {
        try expires.checked()
        return try $0.touch(scope, key.checked(), expires)
      }
    }
  }

  // MARK: Removing

  private func removeSelection(_ view: some WriteVerbs, _ scope: String) throws {
    if once(in: 8) {
      try check("clear \(scope)") {
        try view.clear()
      } _: {
        $0.clear(scope)
      }
    } else {
      // Mostly little, so that something is left.
      let chosen = once(in: 6) ? selection() : selection().limited(to: 3)
      try check("remove all of \(scope), \(chosen.text)") {
        try view.removeAll(chosen.selection)
      } _: { model in
        let ranks = chosen.chosen(model.ranks(scope), pool)
        return ranks.count { model.remove(scope, $0) }
      }
    }
  }

  func brief(_ value: Value) -> String {
    String(value.json().prefix(40))
  }
}
