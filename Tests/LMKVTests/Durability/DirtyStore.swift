import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

/// A store that nobody has closed: its writer was killed in the middle of a load.
struct DirtyStore {
  let path: String
  /// How many increments were acknowledged. One more may be there.
  private(set) var acknowledged = 0

  /// Runs a test with a new one.
  static func with(
    _ durability: String = "full",
    judging judgement: Judgement = .sound,
    _ body: (inout DirtyStore) throws -> Void
  ) throws {
    try withStorePath(judgement) { path in
      let store = try Store(path: path)
      try store.scope("counters").set("n", 0)
      try store.close()
      var dirty = DirtyStore(path: path)
      try dirty.storm(durability)
      try body(&dirty)
    }
  }

  /// Lets a process write, and kills it when the store is dirty: on a busy machine that takes more commits.
  mutating func storm(_ durability: String = "full", times: Int = 60) throws {
    let writer = try DriverProcess("storm", path, durability)
    var left = times
    while try left > 0 || CheckpointFile.contents(at: path + "/checkpoint").newest?.isClean ?? true {
      acknowledged = try #require(writer.line().flatMap { Int($0) }, "the writer has ended")
      left -= 1
    }
    writer.kill()
    // What it had said before it died.
    while let line = writer.line() { acknowledged = Int(line) ?? acknowledged }
  }

  /// Which start of the machine whoever opens it next believes to be in.
  enum Boot: CaseIterable {
    case same, other, unknown

    var id: BootID {
      switch self {
      case .same: .current
      case .other: BootID(high: .random(in: 1...(.max)), low: 1)
      case .unknown: BootID(high: 0, low: 0)
      }
    }
  }

  func open(_ boot: Boot = .other, _ change: (inout Store.Configuration) -> Void = { _ in }) throws -> Store {
    var configuration = Store.Configuration()
    configuration.boot = boot.id
    change(&configuration)
    return try Store(path: path, configuration: configuration)
  }

  /// Opens the store, and looks how far it counts.
  func count(_ boot: Boot = .other) throws -> Int {
    let store = try open(boot)
    defer { try? store.close() }
    return try store.scope("counters", of: Int.self).require("n")
  }

  /// The same after another program has written. Where our writer was killed between a record of the log and its commit,
  /// only the kernel that saw it can tell that from a commit which a power failure has undone.
  func countBesideForeign(_ boot: Boot) throws -> Int {
    do {
      return try count(boot)
    } catch let error as LMKVError where error.code == .inDoubt && boot != .same {
      return try count(.same)
    }
  }

  /// Whether nothing is missing that was acknowledged.
  func isComplete(_ count: Int) -> Bool { (acknowledged...acknowledged + 1).contains(count) }

  // MARK: Files

  func url(_ name: String) -> URL { URL(fileURLWithPath: path + "/" + name) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

  /// Writes in the same inode, as `cp` does.
  func write(_ data: Data, _ name: String) throws {
    let file = try FileHandle(forUpdating: url(name))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: data)
    try file.close()
  }

  func flip(bit: Int, _ name: String) throws {
    var data = try bytes(name)
    data[bit / 8] ^= 1 << (bit % 8)
    try write(data, name)
  }

  /// The files that a recovery goes by.
  func copies() throws -> [String: Data] {
    try Dictionary(uniqueKeysWithValues: ["data.mdb", "checkpoint", "redo"].map { ($0, try bytes($0)) })
  }

  /// Writes as a program that knows LMDB and not LMKV, durably.
  func writeForeign(_ numbers: Range<Int>) throws {
    let environment = try Environment.open(path)
    for number in numbers {
      try environment.write { transaction in
        let database = try transaction.createDatabase("foreign")
        try transaction.put(String(number), for: "key-\(number)", in: database)
      }
    }
  }

  func foreignCount() throws -> Int {
    let environment = try Environment.open(path)
    guard let database = try environment.openDatabase("foreign") else { return 0 }
    return try environment.read { try $0.statistics(of: database).entries }
  }
}
