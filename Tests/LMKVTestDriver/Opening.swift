import Foundation
import LMKV

extension Driver {
  /// COUNT: opens and closes stores `DIRECTORY/0`, `DIRECTORY/1`, …, each several times, and writes to each once.
  static func openRepeatedly(_ path: String, _ arguments: [String]) throws {
    say("begun")
    for index in 0..<number(arguments, 0) {
      for _ in 0..<2 {
        let store = try Store(path: "\(path)/\(index)")
        try store.scope("counters", of: Int.self).increment("n")
        try store.close()
      }
    }
  }

  /// Uses the parent's store in a forked child, and says how that was refused; then goes on as the parent.
  static func useAfterFork(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    let scope = store.scope("family", of: String.self)
    try scope.set("parent", "here")
    // Swift does not let `fork` be called by its name.
    guard let symbol = dlsym(nil, "fork") else { exit(70) }
    let child = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)()
    if child == 0 {
      func refusal(_ body: () throws -> Void) -> String {
        do {
          try body()
          return "allowed"
        } catch let error as LMKVError {
          return error.code.description
        } catch {
          return "\(error)"
        }
      }
      let read = refusal { _ = try scope.get("parent") }
      let written = refusal { try scope.set("child", "here") }
      let snapshot = refusal { try store.read { _ in } }
      say("\(read) \(written) \(snapshot)")
      _exit(0)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    try scope.set("parent", "still here")
    say(try scope.get("parent") ?? "absent")
  }
}
