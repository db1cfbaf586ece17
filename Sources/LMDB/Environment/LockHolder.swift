internal import LMDBPlatform

/// Who has the lock of opening, as it says in the lock's file, behind the mark.
///
/// Whoever gets the lock writes a line, and blanks it before giving the lock back: so those who wait see that it changes
/// hands, and can say who does not get done. No two lines are the same. What a killed process leaves there goes when the
/// next one has the lock. Who cannot write the file (no permission, a full disk) is not known.
struct LockHolder: Equatable {
  /// Behind `opened` and a line feed.
  private static let start: off_t = 7
  private static let size = 121

  let processID: Int32
  /// When it got the lock, or last said that it is at work: nanoseconds of the monotonic clock, which nobody sets.
  private let since: Int
  private let program: String

  /// Reads who has it. Nil when nobody says so.
  init?(in descriptor: Int32) {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, Self.start) }
    let line = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
    let fields = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard fields.count == 3, let processID = Int32(fields[0]), let since = Int(fields[1]) else { return nil }
    self.processID = processID
    self.since = since
    // It comes from a file, and goes into a message.
    program = String(fields[2].filter { $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } })
  }

  /// Says that this process has the lock. Nothing depends on whether the file takes it.
  ///
  /// - Parameter note: what it does, for those who wait.
  static func sign(_ descriptor: Int32, note: String? = nil) {
    let note = note.map { ", \($0)" } ?? ""
    write("\(getpid()) \(nanoseconds()) \(ThisProcess.program)\(note)\n", to: descriptor)
  }

  /// Says that nobody has it.
  static func erase(_ descriptor: Int32) {
    write("\n", to: descriptor)
  }

  private static func write(_ line: String, to descriptor: Int32) {
    var bytes = Array(line.utf8.prefix(size))
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: size - bytes.count)
    _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, start) }
  }

  private static func nanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// For how many seconds it has been the holder. Zero where that was written by an older version, in Unix nanoseconds.
  var seconds: Double { max(0, Double(Self.nanoseconds()) / 1e9 - Double(since) / 1e9) }
}

extension LockHolder: CustomStringConvertible {
  var description: String { "process \(processID) (\(program))" }
}
