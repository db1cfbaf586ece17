import Foundation
import LMDB
import LMKV

extension Driver {
  /// Commits a transaction that raises the store's revision by one, as a program that keeps to the documentation and knows
  /// no more of LMKV. `short`: it leaves the record with what it knows of.
  static func raiseRevision(_ path: String, _ arguments: [String]) throws {
    let environment = try Environment.open(path)
    let key = Array("\0lmkv".utf8)
    try environment.write { transaction in
      guard let head = try transaction.get(key, in: environment.mainDatabase) else { exit(65) }
      let revision = head.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 1
      let bytes = withUnsafeBytes(of: revision.bigEndian, Array.init)
      let rest = arguments.contains("short") ? head[8..<16] : head[8...]
      try transaction.put(bytes + rest, for: key, in: environment.mainDatabase)
    }
  }

  /// Commits a transaction that raises the store's revision by one, and is killed in the middle of LMDB's commit: when the
  /// new meta page is written, and before LMDB's table of readers tells of it. It leaves LMDB's lock behind.
  ///
  /// Takes no turn: that of the process that tests this is meant.
  static func dieCommitting(_ path: String, _: [String]) throws {
    let environment = try Environment.open(path)
    let key = Array("\0lmkv".utf8)
    try environment.write { transaction in
      guard let head = try transaction.get(key, in: environment.mainDatabase) else { exit(65) }
      let revision = head.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 1
      let bytes = withUnsafeBytes(of: revision.bigEndian, Array.init)
      let stamp = withUnsafeBytes(of: transaction.id.bigEndian, Array.init)
      try transaction.put(bytes + head[8..<16] + stamp, for: key, in: environment.mainDatabase)
    }
    let next = try environment.beginWrite()
    // The ID of the last transaction stands in `lock.mdb` behind magic number, format and the lock for readers.
    let descriptor = open(path + "/lock.mdb", O_RDWR)
    let place = off_t(8 + MemoryLayout<pthread_mutex_t>.size)
    var last: UInt64 = 0
    guard pread(descriptor, &last, 8, place) == 8, last == next.id - 1 else { exit(66) }
    last -= 1
    guard pwrite(descriptor, &last, 8, place) == 8 else { exit(67) }
    kill(getpid(), SIGKILL)
    try next.commit()
  }
}
