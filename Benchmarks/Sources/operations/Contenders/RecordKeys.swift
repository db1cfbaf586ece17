internal import Records

/// The keys of records: `record-1000000` and on.
enum RecordKeys {
  static let largestCount = 10_000

  static func samples(_ count: Int) -> [(String, Record)] {
    zip(1_000_000..., Record.samples(count)).map { ("record-\($0)", $1) }
  }

  /// What decoding all of them must have seen.
  static func ages(_ count: Int) -> Int {
    Record.samples(count).reduce(0) { $0 + $1.author.age }
  }
}
