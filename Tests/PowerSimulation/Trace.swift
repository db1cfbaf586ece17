import Foundation

/// What was recorded of a workload: every change of a file, every sync, and what the processes said, in one order.
///
/// The records are laid out in `PowerRecorder/trace.h`.
public final class Trace {
  public enum Kind: UInt32 {
    case create = 1
    case write, truncate, rename, unlink, makeDirectory
    case sync, syncDirectory, syncAll
    case map, mark, die, allocate, syncRange, open
  }

  public struct Record {
    public let kind: Kind
    public let process: UInt32
    /// The inode.
    public let file: UInt64
    public let offset: Int
    public let length: Int
    public let result: Int
    /// The tickets before and after the call. `end` is `.max` when it never returned.
    public let begin: UInt64
    public let end: UInt64
    /// Monotonic nanoseconds.
    public let time: UInt64
    let payload: Range<Int>

    /// Whether the call did what it was asked for, or may yet.
    var hasEffect: Bool { result >= 0 }
    /// Whether it is a sync that counts.
    var isDone: Bool { end != .max && result == 0 }
    var isFailedSync: Bool { end != .max && result != 0 && (kind == .sync || kind == .syncRange) }
  }

  private static let magic: UInt64 = 0x3152_4557_504B_4D4C
  private static let headerSize = 32
  private static let recordSize = 80

  public let records: [Record]
  public let lastTicket: UInt64
  private let bytes: Data

  /// Prepares an empty trace, sparse, for as many bytes.
  public static func create(_ path: String, capacity: Int) throws {
    var header = Data(count: headerSize)
    header.withUnsafeMutableBytes { header in
      header.storeBytes(of: magic, toByteOffset: 0, as: UInt64.self)
      header.storeBytes(of: UInt64(capacity), toByteOffset: 8, as: UInt64.self)
      header.storeBytes(of: UInt64(headerSize), toByteOffset: 16, as: UInt64.self)
    }
    try header.write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(capacity))
    try file.close()
  }

  /// Cuts a finished trace to what is used of it.
  public static func finish(_ path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let header = try file.read(upToCount: headerSize) ?? Data()
    let used = header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
    try file.truncate(atOffset: used)
    try file.close()
  }

  public init(_ path: String) throws {
    bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    (records, lastTicket) = try bytes.withUnsafeBytes { bytes in
      func number<T: FixedWidthInteger>(_ offset: Int, _: T.Type = UInt64.self) -> T {
        bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
      }
      guard bytes.count >= Self.headerSize, number(0) == Self.magic else { throw SimulationError("this is no trace") }
      let used = Int(number(16))
      var records: [Record] = []
      var place = Self.headerSize
      while place < used {
        let size = Int(number(place))
        guard let kind = Kind(rawValue: number(place + 8, UInt32.self)), size >= Self.recordSize else {
          throw SimulationError("the trace is damaged at byte \(place)")
        }
        let end = number(place + 56)
        let payload = Int(number(place + 76, UInt32.self))
        records.append(
          Record(
            kind: kind,
            process: number(place + 72, UInt32.self),
            file: number(place + 16),
            offset: Int(number(place + 24)),
            length: Int(number(place + 32)),
            result: number(place + 40, Int.self),
            begin: number(place + 48),
            end: end == 0 ? .max : end,
            time: number(place + 64),
            payload: place + 80..<place + 80 + payload
          )
        )
        place += size
      }
      return (records.sorted { $0.begin < $1.begin }, number(24))
    }
  }

  public func text(_ record: Record) -> String { String(decoding: bytes[record.payload], as: UTF8.self) }

  /// The five numbers of a mark.
  public func numbers(_ record: Record) -> [UInt64] {
    bytes.withUnsafeBytes { bytes in
      (0..<5).map { bytes.loadUnaligned(fromByteOffset: record.payload.lowerBound + 8 * $0, as: UInt64.self) }
    }
  }

  func withPayload<R>(_ record: Record, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[record.payload])) }
  }
}

/// The simulator itself could not go on; says nothing about the store.
public struct SimulationError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
