internal import ArgumentParser
internal import LMKV

struct IncrVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incr",
    abstract: "Add to the number under a key, and print the sum.",
    discussion: """
      An absent key counts as 0; a former expiry stays unless a new one is given. The amount is 1 unless given, and can \
      be negative. Integers and doubles stay what they are: an integer is added to an integer, and an amount with a \
      decimal point or an exponent to a double. A sum that does not fit changes nothing.

      EXAMPLES:
        lmkv incr counters visits
        lmkv incr counters stock -5
        lmkv incr counters balance 0.5
        lmkv incr requests 10.0.0.1 --expires 1m --keep-expiry

      JSON: {"scope":"counters","key":"visits","value":2,"revision":7,"expires":null}

      EXIT STATUS: 1 when the value is no such number, or the sum does not fit.
      """
  )

  @Argument(help: "The name of the scope.") var scope: KeyArgument
  @Argument(help: "The key.") var key: KeyArgument
  @Argument(help: "An integer or a decimal number.") var by: NumberArgument = .integer(1)
  @OptionGroup(title: "Expiry") var expiry: ExpiryOptions
  @OptionGroup(title: "Expiry") var kept: KeptExpiryOptions
  @OptionGroup var options: StoreOptions

  func run() throws {
    let expires = kept.expiry(expiry, unless: .kept)
    try options.withStore(.creating) { store, output in
      let (sum, entry) = try store.transaction { transaction in
        let view = transaction[scope.text]
        return (try add(in: view, expires), options.json ? try view.entry(key.text) : nil)
      }
      guard let entry else { return try output.line(sum.json) }
      try output.object([
        "scope": .string(scope.text), "key": .string(key.text), "value": sum, "revision": entry.revisionValue,
        "expires": entry.expiresValue,
      ])
    }
  }

  private func add(in view: TransactionScope<Value>, _ expires: Expiry) throws -> Value {
    do {
      switch by {
      case .integer(let amount): return .integer(Int128(try view.increment(key.text, by: amount, expires: expires)))
      case .double(let amount): return .double(try view.increment(key.text, by: amount, expires: expires))
      }
    } catch let error as LMKVError where error.code == .typeMismatch {
      let value = try view.get(key.text)
      let wayOut =
        switch value {
        case .integer where value?.int == nil: "It needs more than 64 bits, and only smaller ones can be added to."
        case .integer: "Add an integer to it, such as 1."
        case .double: "Add an amount with a decimal point to it, such as 1.0."
        default: "Only numbers can be added to."
        }
      throw CommandFailure.wrongKind(value, key.text, in: scope.text, wayOut)
    }
  }
}
