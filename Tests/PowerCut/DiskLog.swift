import Foundation

/// What a disk was told, in the order of the trace's clock: writes and flushes. The program `RecordedDisk` writes it.
final class DiskLog {
  struct Write {
    let offset: Int
    let begin: Int64
    /// `.max` when it was never answered.
    let end: Int64
    fileprivate let payload: Range<Int>

    var length: Int { payload.count }
  }

  struct Flush {
    let begin: Int64
    let end: Int64
  }

  private static let recordSize = 48

  /// In the order in which they came.
  let writes: [Write]
  let flushes: [Flush]
  private let bytes: Data

  /// Prepares an empty log, sparse.
  static func create(_ path: String) throws {
    try ImageFile(path, creating: true).resize(to: 1 << 32)
  }

  /// Cuts a finished log to what is used of it.
  static func finish(_ path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.read(upToCount: 8) ?? Data()
    try file.truncate(atOffset: size.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    try file.close()
  }

  init(_ path: String) throws {
    bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    var writes: [Write] = []
    var flushes: [Flush] = []
    try bytes.withUnsafeBytes { bytes in
      func number(_ offset: Int) -> Int { bytes.loadUnaligned(fromByteOffset: offset, as: Int.self) }
      guard bytes.count >= Self.recordSize, number(0) <= bytes.count else { throw CutError("\(path) is no disk's log") }
      guard number(8) == 0 else { throw CutError("the disk's log is full") }
      var place = Self.recordSize
      while place < number(0) {
        let (size, kind, begin, end) = (number(place), number(place + 8), number(place + 32), number(place + 40))
        guard size >= Self.recordSize, kind == 1 || kind == 2 else { throw CutError("\(path) is damaged at \(place)") }
        let payload = place + Self.recordSize..<place + Self.recordSize + number(place + 24)
        let answered = end == 0 ? Int64.max : Int64(end)
        if kind == 1 {
          writes.append(Write(offset: number(place + 16), begin: Int64(begin), end: answered, payload: payload))
        } else {
          flushes.append(Flush(begin: Int64(begin), end: answered))
        }
        place += size
      }
    }
    self.writes = writes.sorted { $0.begin < $1.begin }
    self.flushes = flushes.sorted { $0.begin < $1.begin }
  }

  /// The data of a write, or a part of them.
  func withData<R>(
    _ write: Write,
    _ range: Range<Int>? = nil,
    _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let range = range ?? 0..<write.length
    return try bytes.withUnsafeBytes {
      let start = write.payload.lowerBound
      return try body(UnsafeRawBufferPointer(rebasing: $0[start + range.lowerBound..<start + range.upperBound]))
    }
  }
}
