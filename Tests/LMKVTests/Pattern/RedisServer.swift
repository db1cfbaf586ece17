import Foundation
import Testing

/// Runs a body with a Redis server of its own, which listens on a socket in its own directory and keeps nothing.
///
/// Without Redis the test is skipped, or fails when `CI` is set.
func withRedisServer<Result>(_ body: (RedisConnection) throws -> Result) throws -> Result {
  let shell = try requireExecutable("sh")
  let server = try requireExecutable("redis-server")
  return try withTemporaryDirectory { directory in
    let socket = directory.path(of: "redis")
    let log = directory.path(of: "log")
    let leash = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: shell)
    // The shell ends the server when the other end of its input closes, be it that this process crashed.
    process.arguments = ["-c", "\"$@\" & read -r line; kill -9 $!; wait", "sh", server]
    process.arguments? += ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
    process.arguments? += ["--dir", directory.path, "--logfile", log, "--daemonize", "no"]
    process.standardInput = leash
    let ended = try process.runSignalling()
    defer {
      try? leash.fileHandleForWriting.close()
      ended.wait()
    }
    return try body(connect(to: socket, log: log))
  }
}

/// Connects as soon as the server listens, and gives up after ten seconds with what the server wrote.
private func connect(to socket: String, log: String) throws -> RedisConnection {
  let deadline = ContinuousClock.now + .seconds(10)
  while true {
    do {
      return try RedisConnection(path: socket)
    } catch {
      let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      guard ContinuousClock.now < deadline else {
        throw RedisConnection.Failure(description: "\(error). The server's log: \(words)")
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}
