import Foundation
import LMKV

extension Driver {
  /// COUNT [DESCRIPTORS]: makes so many stores, has all of them open at once, writes and reads each, blocking and suspending,
  /// and says what the process has of the system then, at rest, and after closing.
  static func openMany(_ path: String, _ arguments: [String]) async throws {
    let count = Int(arguments[0]) ?? 0
    if arguments.count > 1 { try limitDescriptors(Int(arguments[1]) ?? 0) } else { try limitDescriptors(nil) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.maxReaders = 126
    let before = usage
    var stores: [Store] = []
    do {
      for number in 0..<count { stores.append(try Store(path: "\(path)/\(number)", configuration: configuration)) }
    } catch let error as LMKVError {
      say("refused \(stores.count) \(error.code) \(error.message)")
      for store in stores { try store.close() }
      return
    }
    for (number, store) in stores.enumerated() {
      let counters = store.scope("counters", of: Int.self)
      try await write(counters, number)
      guard try counters.get("n") == number + 3 else { throw CocoaError(.fileReadCorruptFile) }
    }
    say("written \(usage - before)")
    // Those that nobody writes become clean, and give back what they need for that.
    let end = ContinuousClock.now + .seconds(60)
    while (usage - before).descriptors > 4 * count + 20, .now < end { try await Task.sleep(for: .milliseconds(100)) }
    say("rests \(usage - before)")
    for (number, store) in stores.enumerated() {
      guard try store.scope("counters", of: Int.self).get("n") == number + 3 else {
        throw CocoaError(.fileReadCorruptFile)
      }
    }
    for store in stores { try store.close() }
    say("closed \(usage - before)")
  }

  private static func write(_ counters: Scope<Int>, _ number: Int) async throws {
    try await counters.async.set("n", number)
    for _ in 0..<2 { try await counters.async.increment("n") }
    try increment(counters)
  }

  private static func increment(_ counters: Scope<Int>) throws { try counters.increment("n") }

  /// What a process has of the system.
  private struct Usage: CustomStringConvertible {
    var threads: Int
    var descriptors: Int
    /// Memory of its own, in KiB: without what is mapped of files.
    var memory: Int

    static func - (left: Usage, right: Usage) -> Usage {
      Usage(
        threads: left.threads - right.threads,
        descriptors: left.descriptors - right.descriptors,
        memory: left.memory - right.memory
      )
    }

    var description: String { "\(threads) \(descriptors) \(memory)" }
  }

  private static var usage: Usage {
    func count(_ name: String) -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(name)"))?.count ?? -1
    }
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
    return Usage(threads: count("task"), descriptors: count("fd"), memory: Int(line.filter(\.isNumber)) ?? -1)
  }

  /// Nil: as many as the system allows.
  private static func limitDescriptors(_ count: Int?) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = count.map { rlim_t($0) } ?? limit.rlim_max
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw CocoaError(.featureUnsupported)
    }
  }
}

extension Driver {
  /// BYTES: limits the address space to so much more than is used, and opens and fills a store beside memory of its own.
  static func openInLittleSpace(_ path: String, _ arguments: [String]) throws {
    let used = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").first.flatMap {
      Int($0)
    }
    var limit = rlimit(rlim_cur: rlim_t((used ?? 0) * 4_096 + (Int(arguments[0]) ?? 0)), rlim_max: .max)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { throw CocoaError(.featureUnsupported) }
    let store = try Store(path: path)
    let entries = store.scope("entries", of: [UInt8].self)
    for number in 0..<100 { try entries.set("\(number)", [UInt8](repeating: 1, count: 1 << 20)) }
    // The rest of the program has room, too.
    let memory = malloc(64 << 20)
    say("filled \(try entries.count()) \(memory != nil)")
    free(memory)
    try store.close()
  }

  /// MEGABYTES: puts so many into a store, without a limit, and waits.
  static func fillMegabytes(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path, configuration: .init(durability: .relaxed()))
    let entries = store.scope("megabytes", of: [UInt8].self)
    for number in 0..<(Int(arguments[0]) ?? 0) { try entries.set("\(number)", [UInt8](repeating: 7, count: 1 << 20)) }
    say("filled")
    _ = readLine()
    try store.close()
  }
}
