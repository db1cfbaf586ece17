import FormatCheck
import Foundation
import TestSupport

/// A process of this very program.
struct Child {
  let pid: pid_t
  let arguments: [String]
  private(set) var status: Int32?

  static let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""

  /// - Parameter output: the file at whose end stand its words to both streams.
  init(_ arguments: [String], output: String, program: String = Child.program) throws {
    self.arguments = arguments
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, program, &actions, nil, &words, environ)
    guard code == 0 else { throw Fault("cannot start \(program): errno \(code)") }
    self.pid = pid
  }

  /// The exit status, or the negated signal, of a process that has ended.
  mutating func poll() -> Int32? {
    reap(WNOHANG)
    return status
  }

  /// Waits until it has ended.
  mutating func wait() -> Int32 {
    reap(0)
    return status ?? -1
  }

  /// Waits so long at most: to go on with something else then, not to call it stuck.
  mutating func wait(seconds: Double) -> Int32? {
    let end = Moment.seconds + seconds
    while poll() == nil {
      if Moment.seconds > end { return nil }
      usleep(500)
    }
    return status
  }

  /// Waits until it has ended. Nil when it does not, although it could run for so many seconds since the last progress.
  mutating func wait(patience seconds: Double, progress: () -> UInt64 = { 0 }) -> Int32? {
    var patience = Patience(seconds)
    while poll() == nil {
      if patience.isOver(progress()) { return nil }
      usleep(500)
    }
    return status
  }

  /// Ends it at once. Returns whether it still lived.
  @discardableResult
  mutating func kill() -> Bool {
    guard poll() == nil else { return false }
    Foundation.kill(pid, SIGKILL)
    return wait() == -SIGKILL
  }

  func stop() {
    if status == nil { Foundation.kill(pid, SIGSTOP) }
  }

  func goOn() {
    if status == nil { Foundation.kill(pid, SIGCONT) }
  }

  private mutating func reap(_ options: Int32) {
    guard status == nil else { return }
    var raw: Int32 = 0
    var found: pid_t
    repeat { found = waitpid(pid, &raw, options) } while found < 0 && errno == EINTR
    guard found == pid else { return }
    status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : -(raw & 0x7F)
  }

  /// Where its threads stand, for the report of one that does not end.
  var whereabouts: String {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    let places = tasks.sorted().map { task in
      let files = ["comm", "wchan", "syscall"].map { file in
        let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/\(file)", encoding: .utf8)) ?? "?"
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
      }
      return "\(task): " + files.joined(separator: " ")
    }
    return places.joined(separator: "; ")
  }
}

/// Time that no clock change moves.
enum Moment {
  static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  static var seconds: Double { Double(nanoseconds) / 1e9 }
}
