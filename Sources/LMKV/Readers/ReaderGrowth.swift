internal import LMDB

/// Has dead readers swept when the file grows fast: then it may be for their sake.
struct ReaderGrowth {
  private static let limit = 16 << 20
  /// To ask for the size costs more than a look at this number of transactions.
  private static let stride = 64

  private var count = 0
  private var lastSize: Int?

  /// To be called under the turn, before LMDB's transaction begins.
  mutating func sweepIfGrown(_ environment: Environment, _ persistence: Persistence) throws(LMDBError) {
    count += 1
    guard count >= Self.stride else { return }
    count = 0
    let size = try environment.info().usedSize
    guard let last = lastSize else { return lastSize = size }
    guard size - last > Self.limit else { return }
    lastSize = size
    if persistence.mayHaveDeadReaders(try environment.readers()) {
      _ = try persistence.sweepInTurn(environment, mayCheckpoint: true)
    }
  }
}
