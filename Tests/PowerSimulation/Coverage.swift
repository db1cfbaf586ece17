/// How often what was reached: events, refusals, branches as far as they can be seen from outside.
public struct Coverage: Sendable {
  public private(set) var counts: [String: Int] = [:]

  /// From so many workloads on everything should have been reached.
  public static let longRun = 40

  public init() {}

  public mutating func note(_ what: String, _ times: Int = 1) {
    counts[what, default: 0] += times
  }

  public static func += (left: inout Coverage, right: Coverage) {
    left.counts.merge(right.counts, uniquingKeysWith: +)
  }

  /// What should be reached with these events and was not.
  public func missing(_ enabled: Set<Event>) -> [String] {
    var wanted = enabled.map { "event \($0.rawValue)" }
    if enabled.contains(.sizes) {
      wanted += ["log: wraps around", "log: grows", "checkpoint: dirty", "checkpoint: clean", "checkpoint: images"]
    }
    if enabled.contains(.errors) { wanted += ["call failed: write", "call failed: sync"] }
    return wanted.filter { counts[$0] == nil }.sorted()
  }

  public var table: String {
    let width = counts.keys.map(\.count).max() ?? 0
    return counts.sorted { $0.key < $1.key }
      .map { "  \($0.key)\(String(repeating: " ", count: width - $0.key.count))  \($0.value)" }
      .joined(separator: "\n")
  }
}

extension Coverage {
  /// What the trace of a workload shows of the files beside LMDB's own, as `docs/design.md` lays them out.
  init(_ trace: Trace, _ circumstances: Circumstances) {
    for event in circumstances.met where !Self.isSeenInTrace(event) { note("event \(event.rawValue)") }
    var names: [UInt64: String] = [:]
    var (lastRedo, redoSize, hasRecords) = (0, 0, false)
    for record in trace.records {
      switch record.kind {
      case .create, .open: names[record.file] = trace.text(record)
      case .die: note("process: killed")
      case .write, .sync, .syncRange, .allocate:
        let name = names[record.file]?.split(separator: "/").last.map(String.init) ?? "?"
        if record.result < 0 {
          note("call failed: \(record.kind == .syncRange ? .sync : record.kind)")
          note("call failed: of \(name)")
        } else if record.kind == .write, record.result < record.length {
          note("call failed: short write")
        } else if record.kind == .write, name == "redo", record.offset >= 4_096 {
          if record.offset + record.length > redoSize {
            // Once for each time, which is many writes.
            if hasRecords { note("log: grows") }
            hasRecords = false
            redoSize = record.offset + record.length
          } else {
            if record.offset == 4_096, lastRedo > 4_096 { note("log: wraps around") }
            (lastRedo, hasRecords) = (record.offset, true)
            note("log: record")
          }
        } else if record.kind == .write, name == "checkpoint" {
          noteCheckpoint(record, trace)
        }
      default: break
      }
    }
    if counts["call failed: write"] != nil || counts["call failed: sync"] != nil {
      for event in [Event.errors, .fullDisk] where circumstances.met.contains(event) { note("event \(event.rawValue)") }
    }
    if counts["call failed: short write"] != nil { note("event \(Event.shortWrites.rawValue)") }
  }

  private static func isSeenInTrace(_ event: Event) -> Bool {
    event == .errors || event == .fullDisk || event == .shortWrites
  }

  private mutating func noteCheckpoint(_ record: Trace.Record, _ trace: Trace) {
    if record.offset >= 8_192 { return note("checkpoint: images", 1) }
    // A record and its copy.
    guard record.length == 1_024 else { return }
    let isClean = trace.withPayload(record) { $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self) } & 1 == 1
    note(isClean ? "checkpoint: clean" : "checkpoint: dirty")
  }
}
