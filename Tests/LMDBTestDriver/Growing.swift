import LMDB
import LMDBPlatform

extension Driver {
  /// Writes that many megabytes.
  static func fill(_ directory: String, _ megabytes: String) throws {
    let environment = try Environment.open(directory)
    let database = try environment.write { try $0.createDatabase("main") }
    try addMegabytes(Int(megabytes) ?? 1, environment, database)
    pause("filled")
  }

  static func addMegabytes(_ count: Int, _ environment: Environment, _ database: Database) throws {
    let value = [UInt8](repeating: 7, count: 1 << 20)
    for _ in 0..<count {
      try environment.write(sync: .unsafeNone) { transaction in
        let number = try transaction.statistics(of: database).entries
        try transaction.put(value, for: "megabyte \(number)", in: database)
      }
    }
  }

  /// Opens with little address space, lifts the limit, and writes more than the map could hold, beside readers.
  static func growUnderLimit(_ directory: String, _: String) throws {
    try limitAddressSpace(toMoreBy: 200 << 20)
    let environment = try Environment.open(directory)
    let before = try environment.info().mapSize
    say("map \(before)")
    let database = try environment.write { try $0.createDatabase("main") }
    try limitAddressSpace(toMoreBy: 4 << 30)
    let reading = Flag()
    let readers = try (0..<2).map { _ in
      try startThread {
        while reading.isSet {
          let sum = try? environment.read { transaction in
            try transaction.withCursor(in: database) { cursor in
              var sum = 0
              try cursor.forEach { _, value in
                sum += Int(value.unsafeLoad(fromByteOffset: value.byteCount - 1, as: UInt8.self))
                return true
              }
              return sum
            }
          }
          guard let sum, sum % 7 == 0 else { fatalError("a reader saw something else") }
        }
      }
    }
    try addMegabytes(160, environment, database)
    reading.clear()
    for reader in readers { pthread_join(reader, nil) }
    say("grown \(try environment.info().mapSize > before)")
  }

  /// Allows as much address space as is used now, and that many bytes on top.
  private static func limitAddressSpace(toMoreBy bytes: Int) throws {
    guard let file = fopen("/proc/self/statm", "r") else { return }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return }
    let pages = strtol(line, nil, 10)
    var limit = rlimit(rlim_cur: rlim_t(pages * Int(sysconf(Int32(_SC_PAGESIZE))) + bytes), rlim_max: .max)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { fatalError("setrlimit") }
  }
}
