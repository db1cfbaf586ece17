/// Numbers of pages: a bit for each.
struct PageSet {
  private var words: [UInt64]
  private(set) var count: UInt64 = 0

  /// Room for the numbers below `limit`.
  init(limit: UInt64) {
    words = [UInt64](repeating: 0, count: Int(limit / 64) + 1)
  }

  /// Whether the page was not there before.
  mutating func insert(_ page: UInt64) -> Bool {
    let bit: UInt64 = 1 << (page % 64)
    guard words[Int(page / 64)] & bit == 0 else { return false }
    words[Int(page / 64)] |= bit
    count += 1
    return true
  }

  /// The first runs of pages below `limit` that are not there.
  func gaps(below limit: UInt64, atMost most: Int) -> [ClosedRange<UInt64>] {
    var gaps: [ClosedRange<UInt64>] = []
    var page: UInt64 = 0
    while page < limit {
      let word = words[Int(page / 64)]
      if word == .max {
        page = (page / 64 + 1) * 64
        continue
      }
      if word & 1 << (page % 64) == 0 {
        if let last = gaps.last, last.upperBound + 1 == page {
          gaps[gaps.count - 1] = last.lowerBound...page
        } else {
          guard gaps.count < most else { return gaps }
          gaps.append(page...page)
        }
      }
      page += 1
    }
    return gaps
  }
}
