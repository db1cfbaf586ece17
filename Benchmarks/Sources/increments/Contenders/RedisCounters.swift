internal import Redis

/// Redis: a server of its own for each run, one connection for each caller.
struct RedisCounters: CounterContender {
  static let name = "redis"

  private let socket: String
  private let keys: [String]

  static var obstacle: String? {
    RedisServer.executable == nil ? "there is no program redis-server" : nil
  }

  static func startServer(in directory: String, durability: Durability) throws -> (any CounterServer)? {
    try RedisServer(directory: directory, syncing: durability == .full ? .always : .everySecond)
  }

  init(directory: String, counters: Int, durability: Durability) throws {
    socket = RedisServer.socket(in: directory)
    keys = (0..<counters).map { "counter-\($0)" }
    let connection = try RedisConnection(path: socket)
    for key in keys { _ = try connection.integer(RedisRequest("SETNX", key, "0")) }
  }

  func makeCaller() throws -> any CounterCaller {
    Caller(connection: try RedisConnection(path: socket), requests: keys.map { RedisRequest("INCR", $0) })
  }

  func sum() throws -> Int {
    let connection = try RedisConnection(path: socket)
    return try keys.reduce(0) { sum, key in sum + (try connection.integer(RedisRequest("GET", key))) }
  }

  private struct Caller: CounterCaller {
    let connection: RedisConnection
    let requests: [RedisRequest]

    func increment(_ counter: Int) throws -> Int {
      try connection.integer(requests[counter])
    }
  }
}

extension RedisServer: CounterServer {}
