import FormatCheck
import Foundation
import LMKV
import PowerSimulation

/// Tells whether the stores of a soak are as they must be.
enum SoakJudge {
  /// Keys of numbers, in their order.
  static func key(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// Looks at what is so in every snapshot.
  static func look(_ store: Store) async throws {
    try await store.async.read { try look($0) }
  }

  private static func look(_ snapshot: Snapshot) throws {
    try BankPlay.checkSum(snapshot)
    let ends = snapshot.scope("ends", of: Int.self)
    let (head, tail) = (try ends.get("head", default: 0), try ends.get("tail", default: 0))
    let queue = try snapshot.scope("queue", of: Int.self).getAll().map(\.value)
    guard queue == Array(head..<tail) else {
      throw Fault("the queue from \(head) to \(tail) has \(queue.count) in it, from \(queue.first ?? -1)")
    }
  }

  /// `soak-check DIRECTORY STREAMS [whole]`: compares all stores with what the processes were told, while nobody works.
  static func run(_ arguments: [String]) async throws {
    guard arguments.count >= 2, let streams = Int(arguments[1]) else { throw Fault("soak-check: arguments") }
    let table = try SoakTable(arguments[0])
    for tenant in 0..<Soak.tenants {
      let path = Soak.path(arguments[0], tenant)
      let store = try Store(path: path)
      try store.read { snapshot in
        try look(snapshot)
        let counts = snapshot.scope("counts", of: Int.self)
        for stream in 0..<streams {
          let (count, expected) = (try counts.get("\(stream)", default: 0), table.counts(stream, tenant))
          guard expected.contains(count) else {
            throw Fault("tenant \(tenant): process \(stream) has counted to \(count), and \(expected) are possible")
          }
        }
      }
      try store.close()
      if arguments.count > 2 { try Soundness.check(path, .init()) }
    }
  }
}
