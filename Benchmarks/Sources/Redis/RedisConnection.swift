internal import Foundation
internal import Harness

/// A connection to a Redis server over its socket, for one thread: a request, then its reply.
public final class RedisConnection {
  private let socket: Int32
  private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4_096)
  private var received = 0..<0

  /// Connects to the socket at a path.
  public init(path: String) throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else {
      throw BenchmarkError("Redis: \(path) is too long for a socket. Choose a shorter --store.")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    socket = Foundation.socket(AF_UNIX, stream, 0)
    let connected = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        connect(socket, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else {
      throw BenchmarkError("Redis: no server at \(path): \(String(cString: strerror(errno))).")
    }
  }

  deinit {
    close(socket)
    buffer.deallocate()
  }

  /// Sends a request whose reply is an integer, or a string that is one, and gives that.
  public func integer(_ request: RedisRequest) throws -> Int {
    try send(request.bytes)
    return try reply()
  }

  private func send(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Foundation.send(socket, bytes.baseAddress! + sent, bytes.count - sent, Self.noSignal)
        guard count > 0 else { throw Self.lost }
        sent += count
      }
    }
  }

  private func reply() throws -> Int {
    let line = try nextLine()
    let text = String(decoding: buffer[line.dropFirst()], as: UTF8.self)
    switch (buffer[line.lowerBound], Int(text)) {
    case (UInt8(ascii: ":"), let number?):
      return number
    case (UInt8(ascii: "$"), let size?) where size > 0:
      let string = String(decoding: buffer[try nextLine()], as: UTF8.self)
      guard let number = Int(string) else { throw BenchmarkError("Redis has a value that is no integer.") }
      return number
    default:
      throw BenchmarkError("Redis said \(text).")
    }
  }

  /// Where in the buffer the next line is, without its end. Valid until the next one is read.
  private func nextLine() throws -> Range<Int> {
    while true {
      if let end = buffer[received].firstIndex(of: UInt8(ascii: "\n")) {
        defer { received = end + 1..<received.upperBound }
        return received.lowerBound..<end - 1
      }
      if received.isEmpty { received = 0..<0 }
      guard received.upperBound < buffer.count else { throw BenchmarkError("A reply of Redis is too long.") }
      let count = recv(socket, buffer.baseAddress! + received.upperBound, buffer.count - received.upperBound, 0)
      guard count > 0 else { throw Self.lost }
      received = received.lowerBound..<received.upperBound + count
    }
  }

  private static var lost: BenchmarkError { BenchmarkError("The Redis server went away.") }

  private static var noSignal: Int32 {
    #if canImport(Glibc)
      Int32(MSG_NOSIGNAL)
    #else
      0
    #endif
  }
}

/// A command and its arguments as the server reads them, made once.
public struct RedisRequest: Sendable {
  let bytes: [UInt8]

  public init(_ words: String...) {
    bytes = words.reduce(into: Array("*\(words.count)\r\n".utf8)) { bytes, word in
      bytes += "$\(word.utf8.count)\r\n\(word)\r\n".utf8
    }
  }
}
