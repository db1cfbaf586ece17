public import Foundation
internal import Harness

/// A Redis server of this benchmark's own, on a socket in its directory, with an append-only file and no snapshots.
public final class RedisServer {
  private let process = Process()
  private let leash = Pipe()
  private let output = Pipe()

  /// Nil when there is no server program in the search path.
  public static var executable: URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").lazy
      .map { URL(filePath: String($0), directoryHint: .isDirectory).appending(path: "redis-server") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// When the append-only file is made durable.
  public enum Syncing: String, Sendable {
    /// Before the reply.
    case always
    case everySecond = "everysec"
  }

  /// Starts the server and waits until it listens.
  public init(directory: String, syncing: Syncing) throws {
    guard let executable = Self.executable else { throw BenchmarkError("There is no redis-server.") }
    process.executableURL = URL(filePath: "/bin/sh")
    // The shell ends the server when the other end of its input closes, be it that this process was killed.
    process.arguments = ["-c", "\"$@\" & read -r line; kill -9 $!", "sh", executable.path]
    process.arguments? += ["--port", "0", "--unixsocket", Self.socket(in: directory), "--dir", directory]
    process.arguments? += ["--save", "", "--appendonly", "yes", "--appendfsync", syncing.rawValue]
    process.arguments? += ["--daemonize", "no", "--logfile", Self.log(in: directory)]
    process.standardInput = leash
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    do {
      try awaitConnection(in: directory)
    } catch {
      stop()
      throw error
    }
  }

  /// Ends the server, and returns when it has ended.
  public func stop() {
    // Closing twice is the only way for this to fail.
    try? leash.fileHandleForWriting.close()
    // The server writes nothing here; that it can no longer do so is how its end is known. A shell's own `wait` would
    // need a signal, which the threads that Swift starts processes from may have blocked.
    _ = try? output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
  }

  public static func socket(in directory: String) -> String { directory + "/redis" }

  private static func log(in directory: String) -> String { directory + "/log" }

  private func awaitConnection(in directory: String) throws {
    let deadline = monotonicNanoseconds() + Duration.seconds(10).nanoseconds
    while true {
      do {
        _ = try RedisConnection(path: Self.socket(in: directory))
        return
      } catch {
        guard monotonicNanoseconds() < deadline else {
          let log = (try? String(contentsOfFile: Self.log(in: directory), encoding: .utf8)) ?? ""
          throw BenchmarkError("\(error) Its log: \(log.suffix(1_000))")
        }
        Thread.sleep(forTimeInterval: 0.01)
      }
    }
  }
}
