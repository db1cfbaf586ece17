import FormatCheck
import LMKV
import PowerSimulation

/// Money moves between accounts in two scopes; no snapshot has more or less of it. Beside it there are values of many
/// pages, whose size and content another scope tells.
enum BankPlay: Play {
  private static let accounts = 32
  private static let sum = 2 * accounts * 1_000

  static func prepare(_ store: Store) throws {
    try store.transaction { tx in
      for scope in ["bank", "vault"] {
        for account in 0..<accounts { try tx.scope(scope, of: Int.self).set("a\(account)", 1_000) }
      }
    }
  }

  static func act(_ chance: inout Chance, _ id: ActID) -> Act {
    let moves = (0...chance.below(4)).map { _ in
      (
        from: "a\(chance.below(accounts))", to: "a\(chance.below(accounts))", amount: chance.below(100),
        back: chance.once(in: 2)
      )
    }
    let size = chance.once(in: 4) ? chance.below(chance.once(in: 8) ? 100_000 : 6_000) : nil
    let pad = "p\(chance.below(24))"
    let byte = UInt8(truncatingIfNeeded: id.raw >> 4)
    let checks = chance.once(in: 8)
    return Act { tx in
      for move in moves {
        let from = tx.scope(move.back ? "vault" : "bank", of: Int.self)
        let to = tx.scope(move.back ? "bank" : "vault", of: Int.self)
        try from.set(move.from, try (from.get(move.from) ?? 0) - move.amount)
        try to.set(move.to, try (to.get(move.to) ?? 0) + move.amount)
      }
      if let size {
        try tx.scope("pads").set(pad, .bytes([UInt8](repeating: byte, count: size)))
        try tx.scope("sizes", of: Int.self).set(pad, size << 8 | Int(byte))
      }
      if checks {
        var total = 0
        for scope in ["bank", "vault"] { for (_, value) in tx.scope(scope, of: Int.self) { total += value } }
        guard total == sum else { throw Fault("a transaction finds \(total) instead of \(sum)") }
      }
      return 0
    }
  }

  static func look(_ snapshot: Snapshot, _: Journal, began _: UInt64) throws {
    try checkSum(snapshot)
  }

  static func checkSum(_ snapshot: Snapshot) throws {
    var total = 0
    for scope in ["bank", "vault"] { for (_, value) in snapshot.scope(scope, of: Int.self) { total += value } }
    guard total == sum else { throw Fault("a snapshot has \(total) instead of \(sum)") }
    let pads = snapshot.scope("pads")
    var count = 0
    for (key, told) in snapshot.scope("sizes", of: Int.self) {
      guard case .bytes(let bytes)? = try pads.get(key), bytes.count == told >> 8,
        bytes.allSatisfy({ $0 == UInt8(truncatingIfNeeded: told) })
      else { throw Fault("a snapshot has another \(key) than it says") }
      count += 1
    }
    guard try pads.count() == count else { throw Fault("a snapshot has a value more or less than it says") }
  }

  static func check(_ store: Store, _: History) throws {
    try store.read { try checkSum($0) }
  }
}
