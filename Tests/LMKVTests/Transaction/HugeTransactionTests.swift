import Testing

@testable import LMKV

/// Transactions that are larger than what the log records of one (defect C2).
@Suite struct HugeTransactionTests {
  /// How much memory of its own a process has that writes so many MiB in one transaction, in it and after it, in KiB.
  private func memory(_ megabytes: Int, afterQuickOnes count: Int) throws -> (within: Int, after: Int) {
    var memory = (0, 0)
    try withStorePath { path in
      let driver = try DriverProcess("swell", path, "\(megabytes)", "\(count)")
      let figures = try (0..<2).map { _ in try #require(driver.line().flatMap { Int($0) }) }
      memory = (figures[0], figures[1])
      #expect(driver.finish() == 0)
    }
    return memory
  }

  @Test func `With the log on a transaction of 128 MiB needs at most 48 MiB more memory, and leaves no more behind`()
    throws
  {
    let (without, with) = (try memory(128, afterQuickOnes: 0), try memory(128, afterQuickOnes: 64))
    try #require(without.within > 128 << 10)
    #expect(with.within - without.within < 48 << 10)
    #expect(with.after - without.after < 48 << 10)
  }
}
