import Foundation

/// Just enough of Redis's protocol to ask a server many things at once over its socket.
final class RedisConnection {
  /// A reply of the server.
  enum Reply: Hashable {
    case status(String)
    case integer(Int)
    case bulk(String?)
    case array([Reply])
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let socket: Int32
  private var received: [UInt8] = []
  private var position = 0

  /// Connects to the socket at a path.
  init(path: String) throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    socket = Foundation.socket(AF_UNIX, stream, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else { throw Failure(description: "\(path) is too long for a socket") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let connected = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        connect(socket, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // The object exists by now: its end closes the socket, and a second time would be somebody else's descriptor.
    guard connected == 0 else {
      throw Failure(description: "No server at \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    close(socket)
  }

  /// Sends all commands and returns their replies in the same order. An error reply throws.
  func send(_ commands: [[String]]) throws -> [Reply] {
    var request: [UInt8] = []
    for command in commands {
      request += "*\(command.count)\r\n".utf8
      for word in command { request += "$\(word.utf8.count)\r\n\(word)\r\n".utf8 }
    }
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, noSignal) }
      guard count > 0 else { throw Failure(description: "The server went away") }
      sent += count
    }
    return try commands.map { _ in try reply() }
  }

  private var noSignal: Int32 {
    #if canImport(Glibc)
      Int32(MSG_NOSIGNAL)
    #else
      0
    #endif
  }

  private func reply() throws -> Reply {
    let line = try nextLine()
    let rest = line.dropFirst()
    switch (line.first, Int(rest)) {
    case ("+", _): return .status(String(rest))
    case (":", let number?): return .integer(number)
    case ("$", let count?): return .bulk(count < 0 ? nil : String(try take(count + 2).dropLast()))
    case ("*", let count?): return .array(try (0..<max(count, 0)).map { _ in try reply() })
    default: throw Failure(description: "The server said \(line)")
    }
  }

  /// The text up to the next line break. `\r\n` is one `Character`.
  private func nextLine() throws -> Substring {
    while true {
      if let end = received[position...].firstIndex(of: 0x0A) { return try take(end + 1 - position).dropLast() }
      try receive()
    }
  }

  private func take(_ count: Int) throws -> Substring {
    while received.count < position + count { try receive() }
    defer { position += count }
    return Substring(String(decoding: received[position..<position + count], as: UTF8.self))
  }

  private func receive() throws {
    received.removeFirst(position)
    position = 0
    let chunk = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      count = recv(socket, buffer.baseAddress, buffer.count, 0)
      guard count > 0 else {
        count = 0
        throw Failure(description: "The server went away")
      }
    }
    received += chunk
  }
}
