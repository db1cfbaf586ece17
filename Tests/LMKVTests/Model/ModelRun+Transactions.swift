import LMKV

extension ModelRun {
  /// How a transaction or savepoint ends.
  private enum Ending: CaseIterable {
    case done, doneAsWell, thrown
    /// After a subscript that failed, and could not say so.
    case failed
  }

  /// A transaction of several operations, some in savepoints.
  func transaction() throws {
    let before = model
    let ending = pick(Ending.allCases)
    let durability: Durability? = once(in: 200) ? .full : nil
    note("transaction, \(ending)")
    committed = before
    defer { committed = nil }
    // Opens all scopes: what a transaction's own thread reads beside it can be no scope that is new to the process.
    _ = try store.read { try $0.scopes }
    let error = try ended {
      try store.transaction(durability: durability) { tx in
        try stopClock(tx)
        try body(tx, ending)
      }
    }
    try expectEnd(error, ending, before)
    model.now = clock.now
  }

  /// Fixes the moment of a transaction; then time goes on, for others.
  private func stopClock(_ tx: Transaction) throws {
    guard try tx[Self.pin].contains("far") else { throw divergence("the pin is gone") }
    if once(in: 3) { clock.advance(by: .milliseconds(number(1...9))) }
  }

  private func body(_ tx: Transaction, _ ending: Ending) throws {
    try inside {
      for _ in 0..<number(0...6) { try step(tx) }
      switch ending {
      case .done, .doneAsWell: break
      case .thrown: throw Undone()
      case .failed: try failSilently(tx)
      }
    }
  }

  private func step(_ tx: Transaction) throws {
    let scope = scopeName()
    switch number(0...19) {
    case 0...7: try write(tx[scope], scope)
    case 8: try count(tx.scope(scope, of: Int8.self), scope, typed: Int8.self)
    case 9...12: try read(tx[scope], scope)
    case 13: try readCommitted(scope)
    case 14: try manageScopes(tx)
    case 15, 16: try loop(tx[scope], scope, tx)
    case 17: try useSubscripts(tx[scope], scope)
    default: try savepoint(tx)
    }
  }

  private func savepoint(_ tx: Transaction) throws {
    let before = model
    let ending = pick(Ending.allCases)
    note("savepoint, \(ending)")
    let error = try ended { try tx.savepoint { try body(tx, ending) } }
    try expectEnd(error, ending, before)
  }

  /// Looks from outside at what is committed. On the transaction's own thread that is refused; another one is answered.
  private func readCommitted(_ scope: String) throws {
    guard var outside = committed else { return }
    outside.now = clock.now
    try expectRefused { _ = try store.scope(scope).isEmpty }
    let past = outside
    try onOtherThread { try self.read(self.store.scope(scope), scope, against: past) }
  }

  private func expectRefused(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as LMKVError where error.code == .nestedTransaction {
      return
    }
    throw divergence("a read beside a transaction, on its thread, was answered")
  }

  // MARK: Ends

  /// The error that a body ends with; what a comparison threw goes on.
  private func ended(_ body: () throws -> Void) throws -> (any Error)? {
    do {
      try body()
      return nil
    } catch let error as Divergence {
      throw error
    } catch {
      return error
    }
  }

  private func expectEnd(_ error: (any Error)?, _ ending: Ending, _ before: Model) throws {
    switch ending {
    case .done, .doneAsWell:
      try expect(error == nil, "a transaction or savepoint threw \(error, default: "")")
    case .thrown:
      try expect(error is Undone, "a transaction or savepoint threw \(error, default: "nothing")")
      model = before
    case .failed:
      try expect((error as? LMKVError)?.code == .emptyKey, "a failed subscript threw \(error, default: "nothing")")
      model = before
    }
  }

  /// Writes by a subscript what cannot be written; after that subscripts do nothing.
  private func failSilently(_ tx: Transaction) throws {
    let scope = scopeName()
    let view = tx[scope]
    note("fail by a subscript of \(scope)")
    view[""] = 1
    let key = goodKey()
    view[key.text] = "must not be written"
    try expect(view[key.text] == nil, "a subscript reads after a failure")
    try check("get \(scope) \(key.text.prefix(30).debugDescription) after the failure") {
      try view.get(key.text).map(exact)
    } _: {
      try $0.living(scope, key)?.bytes
    }
  }

  // MARK: Subscripts

  private func useSubscripts(_ view: TransactionScope<Value>, _ scope: String) throws {
    let key = goodKey()
    let value = goodValue()
    let never = Model.Expiring(expiry: .never, text: "never", moment: .some(nil), keepsFormer: false)
    let what = "\(scope) \(key.text.prefix(30).debugDescription)"
    switch number(0...4) {
    case 0:
      try check("read [\(what)]") {
        try view[key.text].map(exact)
      } _: {
        try $0.living(scope, key)?.bytes
      }
    case 1:
      try check("read [\(what), default]") {
        try exact(view[key.text, default: value])
      } _: {
        try $0.living(scope, key)?.bytes ?? exact(value)
      }
    case 2:
      try check("[\(what)] = \(brief(value))") {
        view[key.text] = value
        return true
      } _: {
        try $0.put(scope, key, value, never)
        return true
      }
    case 3:
      try check("[\(what)] = nil") {
        view[key.text] = nil
        return true
      } _: {
        _ = try $0.remove(scope, key.checked())
        return true
      }
    default:
      // Little, because a subscript cannot say that a value became too large.
      let part = Value.integer(Int128(number(0...3)))
      try check("change a part of [\(what)]") {
        view[key.text]?["part"] = part
        return true
      } _: {
        guard var changed = try $0.living(scope, key)?.value else { return true }
        changed["part"] = part
        try $0.put(scope, key, changed, never)
        return true
      }
    }
  }
}
