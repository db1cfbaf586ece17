import Foundation
import LMDB
import PowerSimulation

extension Driver {
  /// STORE TIMES NAME: writes pairs into a named DB of its own, as a program that knows nothing of LMKV. One whose name
  /// begins with "raised" raises the revision too, as `docs/design.md` asks of whoever writes from outside.
  static func foreign(_ path: String, _ times: Int, _ name: String) throws {
    // It finds the store; it does not make it.
    for _ in 0..<2_000 where !FileManager.default.fileExists(atPath: path + "/open.lock") { usleep(1_000) }
    let environment = try Environment.open(path)
    for _ in 0..<2_000 where try Set(environment.databaseNames()).isDisjoint(with: ["lmkv", Work.log]) { usleep(1_000) }
    let raises = name.hasPrefix("raised")
    for number in 1...times {
      try environment.write { transaction in
        let database = try transaction.createDatabase(name)
        for side in ["left", "right"] { try transaction.put(String(number), for: "\(side)-\(number)", in: database) }
        guard raises, let head = try transaction.get("\0lmkv", in: environment.mainDatabase), head.count == 24 else {
          return
        }
        let revision = head[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 1
        let raised = withUnsafeBytes(of: revision.bigEndian, Array.init) + head[8...]
        try transaction.put(raised, for: "\0lmkv", in: environment.mainDatabase)
      }
      usleep(raises ? UInt32(number % 7) * 100 : 3_000)
    }
  }
}
