import Foundation
import PowerSimulation

/// A workload of fewer kinds of processes than `Workload`, and of more transactions: so that the log, the checkpoints and
/// the file system's journal come round.
struct Storm {
  let driver: String
  let mode: Workload.Mode
  let circumstances: Circumstances
  let root: String
  let trace: String

  func run() throws {
    try Trace.create(trace, capacity: 1 << 32)
    var chance = Chance(circumstances.seed, 5)
    var stream = 0
    func worker(_ threads: Int, _ times: Int, dies: Bool = false) throws -> Worker {
      defer { stream += threads }
      var environment = ["LMKV_POWER_TRACE": trace, "LMKV_POWER_ROOT": root, "LMKV_BOOT_ID": circumstances.boot]
      if dies { environment["LMKV_POWER_DIE"] = "\(1 + chance.below(times * threads * 4)):after" }
      return try Worker(
        driver,
        [
          "work", root + "/store", mode.rawValue, String(circumstances.seed), String(stream), String(threads),
          String(times),
        ],
        environment
      )
    }
    // Relaxed ones pause between their transactions.
    let most = mode == .relaxed ? 40 : 120
    let crowd = try (0..<3 + chance.below(3)).map { index in
      try worker(1 + chance.below(4), most / 2 + chance.below(most / 2), dies: index == 1)
    }
    for worker in crowd { try worker.finish(mayDie: true) }
    try worker(2, 10).finish()
    try Trace.finish(trace)
  }
}
