import FormatCheck
import Foundation
import LMKV
import PowerSimulation

/// Entries come, change, go, and expire, while their number stays about the same.
enum ChurnPlay: Play {
  static let keys = 2_000

  /// A day in a minute and a half: a millisecond of the store is a microsecond.
  static let clock = StoreClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  static func prepare(_ store: Store) throws {
    try store.scope("written", of: Int.self).set("bytes", 0)
  }

  static func act(_ chance: inout Chance, _: ActID) -> Act {
    let changes = (0...chance.below(12)).map { _ in
      (
        key: "k\(chance.below(keys))", size: chance.below(chance.once(in: 16) ? 20_000 : 2_000), way: chance.below(10),
        life: 1 + chance.below(3_600)
      )
    }
    return Act { tx in
      let entries = tx.scope("churn")
      for (key, size, way, life) in changes {
        let value = Value.bytes([UInt8](repeating: UInt8(way), count: size))
        switch way {
        case 0..<5: try entries.set(key, value)
        case 5..<7: try entries.remove(key)
        default: try entries.set(key, value, expires: .seconds(life))
        }
      }
      try tx.scope("written", of: Int.self).increment("bytes", by: changes.reduce(0) { $0 + $1.size })
      return 0
    }
  }

  static func look(_ snapshot: Snapshot, _: Journal, began _: UInt64) throws {
    var count = 0
    for (_, value) in snapshot.scope("churn") {
      guard case .bytes = value else { throw Fault("a snapshot has a value of another kind") }
      count += 1
    }
    guard count <= keys else { throw Fault("a snapshot has \(count) entries, of \(keys) keys") }
  }

  static func check(_: Store, _: History) throws {}
}
