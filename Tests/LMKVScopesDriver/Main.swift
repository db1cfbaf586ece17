import Dispatch
import Foundation
import LMKV
import Synchronization

/// Another process that has a store open. It does what each line of its input says, and answers with a line.
@main struct Driver {
  static func main() throws {
    var store: Store? = try Store(path: CommandLine.arguments[1])
    var load: Load?
    say("open")
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      do {
        guard let store, words.count > 0 else { exit(2) }
        switch words[0] {
        case "set":
          try store.scope(words[1], of: String.self).set(words[2], words[3])
          say("done")
        case "get":
          say(try store.scope(words[1], of: String.self).get(words[2]) ?? "nil")
        case "scopes":
          say(try store.scopes.joined(separator: " "))
        case "increment":
          let counters = store.scope(words[1], of: Int.self)
          for _ in 0..<(Int(words[3]) ?? 0) { try counters.increment(words[2]) }
          say("done")
        case "run":
          // The BotFleet document's locked transaction.
          for _ in 0..<(Int(words[2]) ?? 0) { try store.transaction { $0[words[1]]["run", default: 0] += 1 } }
          say("done")
        case "start":
          load = Load(store, words[1])
          say("done")
        case "stop":
          say(load?.stop() ?? "nothing")
        default:
          exit(2)
        }
      } catch let error as LMKVError {
        say("\(error.code)")
      }
      if words.first == "close" { store = nil }
    }
  }
}

/// Writes a line at once, whoever reads it.
func say(_ line: String) {
  FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

/// Increments a counter of a scope, as fast as it goes, until it is stopped.
final class Load: Sendable {
  private struct State {
    var isStopped = false
    var count = 0
    var failure: String?
  }

  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  init(_ store: Store, _ scope: String) {
    let counters = store.scope(scope, of: Int.self)
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isStopped }) {
        do {
          try counters.increment("n")
          state.withLock { $0.count += 1 }
        } catch {
          state.withLock { $0.failure = "\(error)" }
          break
        }
      }
      ended.signal()
    }
  }

  /// How often it has incremented, or what it failed with.
  func stop() -> String {
    state.withLock { $0.isStopped = true }
    ended.wait()
    return state.withLock { $0.failure ?? "\($0.count)" }
  }
}
