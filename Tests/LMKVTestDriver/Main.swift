import Foundation
import LMKV

/// A process of its own for the tests: `LMKVTestDriver ROLE DIRECTORY [ARGUMENT…]`.
///
/// It says on its output when it has come to where the test wants it, and ends, waits for a line, or waits to be killed.
@main
enum Driver {
  typealias Role = @Sendable (_ path: String, _ arguments: [String]) async throws -> Void

  static let roles: [String: Role] = [
    "increment": increment,
    "increment-async": incrementAsync,
    "acknowledge": acknowledge,
    "storm": storm,
    "limited": limited,
    "hold-foreign": holdForeign,
    "raise-revision": raiseRevision,
    "sums": sums,
    "verbs": verbs,
    "fill": fill,
    "swell": swell,
    "obey-durably": obeyDurably,
    "die-committing": dieCommitting,
    "hold": hold,
    "take": take,
    "timeouts": timeouts,
    "park": park,
    "pin": pin,
    "obey": obey,
    "model": model,
    "append": append,
    "create-scopes": createScopes,
    "open-repeatedly": openRepeatedly,
    "open-many": openMany,
    "open-in-little-space": openInLittleSpace,
    "fill-megabytes": fillMegabytes,
    "fork": useAfterFork,
    "lock": holdLock,
    "lock-times": timeLocks,
    "lock-tasks": crowdTasks,
    "lock-threads": crowdThreads,
    "lock-processes": crowdProcesses,
    "lock-idle": crowdIdly,
    "stop-writing": stopWriting,
    "try-lock": tryLock,
    "permits": usePermits,
    "compute": compute,
    "throttle": throttle,
    "fork-locks": useLocksAfterFork,
    "fill-limited": fillLimited,
    "want-descriptors": wantDescriptors,
  ]

  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let role = roles[arguments[1]] else { exit(64) }
    do {
      try await role(arguments[2], Array(arguments.dropFirst(3)))
    } catch let error as LMKVError {
      say("error \(error.code)")
      exit(1)
    } catch {
      say("error \(error)")
      exit(1)
    }
  }

  /// Says a line at once.
  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  static func number(_ arguments: [String], _ index: Int) -> Int {
    guard index < arguments.count, let number = Int(arguments[index]) else { exit(64) }
    return number
  }

  /// The monotonic clock, which is the same in all processes.
  static var nanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds }
}
