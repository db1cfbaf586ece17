import Foundation
import LMKV

extension Driver {
  /// Opens a snapshot, reads, and stays in it until it is given a line or killed.
  static func park(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    try store.read { snapshot in
      _ = try snapshot["numbers"].count()
      say("parked")
      _ = readLine()
    }
    try store.close()
    say("done")
  }

  /// COUNT: rewrites random ones of as many entries in small transactions, relaxed, until it has the pin of a checkpoint.
  /// Then it stays until it is killed.
  static func pin(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path, configuration: .init(durability: .relaxed(flushEvery: .seconds(600))))
    let numbers = store.scope("numbers", of: String.self)
    let count = number(arguments, 0)
    for round in 0..<1_000_000 {
      try store.transaction { tx in
        for _ in 0..<50 {
          try tx[numbers].set("\(Int.random(in: 0..<count))", String(repeating: "p", count: 400))
        }
      }
      let own = ProcessInfo.processInfo.processIdentifier
      if round % 20 == 0, try store.readers().contains(where: { $0.processID == own && $0.isCheckpoint }) { break }
    }
    say("pinned")
    _ = readLine()
  }
}
