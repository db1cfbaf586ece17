import LMDB
import LMDBPlatform

extension Driver {
  /// Stops in the middle of a write transaction.
  static func holdWrite(_ directory: String, _: String) throws {
    let environment = try Environment.open(directory)
    try environment.write { transaction in
      try transaction.put("half done", for: "held", in: transaction.createDatabase("main"))
      pause("writing")
    }
  }

  /// Stops in the middle of a read transaction.
  static func holdRead(_ directory: String, _: String) throws {
    let environment = try Environment.open(directory)
    try environment.read { _ in pause("reading") }
  }

  /// Stops with that many read transactions open, or the error of the first that could not begin.
  static func holdReaders(_ directory: String, _ count: String) throws {
    let environment = try Environment.open(directory)
    var hold: () -> Void = { pause("reading") }
    for _ in 0..<(Int(count) ?? 1) {
      let snapshot = try environment.beginSnapshot()
      let inner = hold
      let box = SnapshotBox(snapshot)
      hold = { withExtendedLifetime(box) { inner() } }
    }
    hold()
  }

  final class SnapshotBox {
    let snapshot: ReadTransaction
    init(_ snapshot: consuming ReadTransaction) { self.snapshot = snapshot }
  }

  /// Opens, counts one up, closes; again and again. Says each number after its commit.
  static func count(_ directory: String, _ times: String) throws {
    for _ in 0..<(Int(times) ?? .max) {
      let environment = try Environment.open(directory)
      let number = try environment.write(sync: .unsafeNone) { transaction in
        let database = try transaction.createDatabase("main")
        let number = try Int(transaction.text("count", in: database) ?? "0")! + 1
        try transaction.put(String(number), for: "count", in: database)
        return number
      }
      say(String(number))
    }
  }

  /// Creates databases under the same names as another process, and writes into each.
  static func createNames(_ directory: String, _ count: String) throws {
    let environment = try Environment.open(directory)
    pause("ready")
    for number in 0..<(Int(count) ?? 0) {
      try environment.write(sync: .unsafeNone) { transaction in
        let database = try transaction.createDatabase("name \(number)")
        try transaction.put("here", for: String(getpid()), in: database)
      }
    }
    say("done")
  }
}

extension WriteTransaction {
  func text(_ key: String, in database: Database) throws -> String? {
    try get(key, in: database).map { String(decoding: $0, as: UTF8.self) }
  }
}
