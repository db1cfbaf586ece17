import Foundation
import LMKV
import Serializability

extension Driver {
  /// FIRST COUNT SEED DURABILITY JOURNAL: two threads and two tasks, numbered from FIRST on, do as much at random and
  /// keep a journal.
  static func append(_ path: String, _ arguments: [String]) async throws {
    let configuration = Store.Configuration(durability: arguments[3] == "full" ? .full : .relaxed())
    let (store, other) = try (Store(path: path, configuration: configuration), Store(path: path))
    let crew = Crew(
      threads: 2,
      tasks: 2,
      first: number(arguments, 0),
      store,
      other,
      try Journal(path: arguments[4]),
      seed: UInt64(number(arguments, 2))
    )
    say("ready")
    try await crew.work(number(arguments, 1))
    try other.close()
    try store.close()
    let (refused, answered) = crew.outerReads
    say("\(refused) \(answered)")
  }
}
