import Testing

@testable import LMKV

/// Transactions that are larger than what the log records of one (defect C2).
@Suite struct HugeTransactionTests {
  /// The most memory that a process had, in KiB, which wrote so many MiB in one transaction.
  private func peak(_ megabytes: Int, afterQuickOnes count: Int) throws -> Int {
    var peak = 0
    try withStorePath { path in
      let driver = try DriverProcess("swell", path, "\(megabytes)", "\(count)")
      peak = try #require(driver.line().flatMap { Int($0) })
      #expect(driver.finish() == 0)
    }
    return peak
  }

  @Test func `With the log on a transaction of 128 MiB needs at most 48 MiB more memory than without it`() throws {
    let (without, with) = (try peak(128, afterQuickOnes: 0), try peak(128, afterQuickOnes: 64))
    #expect(with - without < 48 << 10, "\(with) KiB with the log, \(without) KiB without")
  }
}
