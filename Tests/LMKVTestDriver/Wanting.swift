import Foundation
import LMKV

extension Driver {
  private static func store(_ path: String, _ durability: String) throws -> Store {
    var configuration = Store.Configuration(durability: durability == "relaxed" ? .relaxed() : .full)
    // However slow this machine is: what comes next is a load.
    configuration.limits.streakGap = .max
    return try Store(path: path, configuration: configuration)
  }

  /// full|relaxed ROOM: writes until a file would exceed what `data.mdb` has and that many bytes more. Says the error's code;
  /// then writes without that limit, and says `done`.
  static func fillLimited(_ path: String, _ arguments: [String]) throws {
    signal(SIGXFSZ, SIG_IGN)
    let store = try store(path, arguments[0])
    let scope = store.scope("s", of: [UInt8].self)
    try scope.set("first", [])
    var status = stat()
    guard stat(path + "/data.mdb", &status) == 0 else { exit(1) }
    limit(RLIMIT_FSIZE, to: Int(status.st_size) + number(arguments, 1))
    var failure: LMKVError?
    for key in 0..<100_000 where failure == nil {
      do {
        try scope.set("key-\(key)", [UInt8](repeating: UInt8(key % 256), count: 3_000))
      } catch let error as LMKVError {
        failure = error
      }
    }
    say(failure.map { "\($0.code)" } ?? "no error")
    limit(RLIMIT_FSIZE, to: nil)
    try scope.set("last", [1])
    try store.close()
    say("done")
  }

  /// full|relaxed: writes with no descriptor to spare and says `clean`, then with many, and says `dirty`.
  static func wantDescriptors(_ path: String, _ arguments: [String]) throws {
    let store = try store(path, arguments[0])
    let scope = store.scope("s", of: Int.self)
    try scope.set("k", 0)
    var free = open("/dev/null", O_RDONLY)
    let next = free
    close(free)
    limit(RLIMIT_NOFILE, to: Int(next))
    for number in 0..<60 { try scope.set("k", number) }
    free = open("/dev/null", O_RDONLY)
    guard free < 0 else { exit(1) }
    say(access(path + "/redo", F_OK) == 0 ? "dirty" : "clean")
    limit(RLIMIT_NOFILE, to: nil)
    for number in 0..<60 { try scope.set("k", number) }
    say(access(path + "/redo", F_OK) == 0 ? "dirty" : "clean")
    try store.close()
  }

  /// Sets a limit of this process; nil: as high as it may be.
  private static func limit(_ resource: __rlimit_resource, to value: Int?) {
    var limit = rlimit()
    let resource = __rlimit_resource_t(resource.rawValue)
    getrlimit(resource, &limit)
    limit.rlim_cur = value.map { rlim_t($0) } ?? limit.rlim_max
    guard setrlimit(resource, &limit) == 0 else { exit(1) }
  }
}
