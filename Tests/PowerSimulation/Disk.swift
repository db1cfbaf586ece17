import Foundation

/// A disk with what is surely on it and what may be, while a trace is played to it.
public final class Disk {
  /// A change of a directory.
  struct NameChange {
    let record: Int
    let begin: UInt64
    let end: UInt64
    /// Nil: the name is gone.
    let file: Int?
    let name: String
    /// The name that a rename took away.
    var former: String?
    var isDurable = false
  }

  private struct Event {
    let ticket: UInt64
    let record: Int
    let isEnd: Bool
  }

  let trace: Trace
  private let events: [Event]
  private var next = 0
  private(set) var files: [DiskFile] = []
  private var fileOfInode: [UInt64: Int] = [:]
  /// Files that were there before the recording, until they are opened.
  private var fileOfBase: [String: Int] = [:]
  private(set) var changes: [NameChange] = []
  /// Files that are written through a map, which nobody sees: what a crash leaves of them is anything.
  public private(set) var mapped: Set<String> = []
  /// Whether a sync has failed, after which the kernel takes for written what is not.
  private(set) var hasForgotten = false
  private let volatile: Set<String>

  /// - Parameters:
  ///   - volatile: the last parts of the names of files that may be written through a map.
  ///   - base: what was there before the recording, all of it on the disk.
  public init(_ trace: Trace, volatile: Set<String>, base: CrashImage? = nil) {
    self.trace = trace
    self.volatile = volatile
    var events: [Event] = []
    for (index, record) in trace.records.enumerated() {
      events.append(Event(ticket: record.begin, record: index, isEnd: false))
      switch record.kind {
      case .sync, .syncDirectory, .syncAll, .syncRange:
        if record.isDone || record.isFailedSync { events.append(Event(ticket: record.end, record: index, isEnd: true)) }
      default: break
      }
    }
    self.events = events.sorted { $0.ticket < $1.ticket }
    for name in base?.directories ?? [] { add(DiskFile(isDirectory: true), name) }
    for (name, bytes) in base?.files ?? [:] { add(DiskFile(durable: bytes), name) }
  }

  private func add(_ file: DiskFile, _ name: String) {
    files.append(file)
    fileOfBase[name] = files.count - 1
    changes.append(NameChange(record: -1, begin: 0, end: 0, file: files.count - 1, name: name, isDurable: true))
  }

  /// Plays everything that began, and every sync that ended, at a ticket or before.
  public func advance(to ticket: UInt64) throws {
    while next < events.count, events[next].ticket <= ticket {
      let event = events[next]
      next += 1
      let record = trace.records[event.record]
      if event.isEnd {
        record.isDone ? synced(record) : failed(record)
      } else if record.hasEffect {
        try begun(event.record, record)
      }
    }
  }

  private func begun(_ index: Int, _ record: Trace.Record) throws {
    switch record.kind {
    case .create, .makeDirectory:
      files.append(DiskFile(isDirectory: record.kind == .makeDirectory))
      if record.kind == .create { fileOfInode[record.file] = files.count - 1 }
      change(index, record, files.count - 1, trace.text(record))
    case .open:
      if fileOfInode[record.file] == nil { fileOfInode[record.file] = fileOfBase[trace.text(record)] }
    case .rename:
      let names = trace.text(record).split(separator: "\0").map(String.init)
      guard names.count == 2, let file = fileOfInode[record.file] else {
        throw SimulationError("a directory was renamed, which this simulator does not know")
      }
      change(index, record, file, names[1], former: names[0])
    case .unlink: change(index, record, nil, trace.text(record))
    case .write:
      let file = try file(record)
      trace.withPayload(record) {
        file.write(UnsafeRawBufferPointer(rebasing: $0.prefix(record.result)), at: record.offset, index, record)
      }
    case .truncate: try file(record).truncate(to: record.length, index, record)
    case .allocate: try file(record).grow(to: record.offset + record.length, index, record)
    case .map:
      let name = trace.text(record)
      guard volatile.contains(name.split(separator: "/").last.map(String.init) ?? "") else {
        throw SimulationError("\(name) is written through a map, which the recorder cannot see")
      }
      mapped.insert(name)
    case .sync, .syncDirectory, .syncAll, .syncRange, .mark, .die: break
    }
  }

  private func file(_ record: Trace.Record) throws -> DiskFile {
    guard let index = fileOfInode[record.file] else {
      throw SimulationError(
        "process \(record.process) changes a file (\(record.kind), \(record.length) bytes at \(record.offset), ticket "
          + "\(record.begin)) that was there before the recording: inode \(record.file), \(history(of: record.file))"
      )
    }
    return files[index]
  }

  /// All that the trace tells of an inode's names, for a file of which it should tell more.
  private func history(of inode: UInt64) -> String {
    let told = trace.records.filter { $0.file == inode && [.create, .open, .rename, .map].contains($0.kind) }
      .map { "\($0.kind) of \(trace.text($0)) by \($0.process) at \($0.begin) (\($0.result))" }
    let known = fileOfBase.keys.sorted().joined(separator: ", ")
    return "\(told.isEmpty ? "never opened" : told.prefix(8).joined(separator: "; ")); before it there were: \(known)"
  }

  private func change(_ index: Int, _ record: Trace.Record, _ file: Int?, _ name: String, former: String? = nil) {
    changes.append(
      NameChange(record: index, begin: record.begin, end: record.end, file: file, name: name, former: former)
    )
  }

  private func synced(_ record: Trace.Record) {
    switch record.kind {
    case .sync, .syncRange:
      guard let index = fileOfInode[record.file] else { return }
      if record.kind == .sync {
        files[index].sync(record.begin)
      } else {
        files[index].sync(record.offset..<record.offset + record.length, record.begin)
      }
      settle(record.begin) { $0.file == index }
      // A file that is there is there in its directories.
      let names = changes.filter { $0.isDurable && $0.file == index }.map(\.name)
      settle(record.begin) { change in
        change.file.map { self.files[$0].isDirectory } ?? false && names.contains { $0.hasPrefix(change.name + "/") }
      }
    case .syncDirectory:
      let directory = trace.text(record)
      settle(record.begin) { Self.parent($0.name) == directory || $0.former.map(Self.parent) == directory }
      // The directory's own name, as that of any file.
      settle(record.begin) { $0.name == directory }
    case .syncAll:
      for file in files { file.sync(record.begin) }
      settle(record.begin) { _ in true }
    default: break
    }
  }

  /// A sync has failed. Kernels tell that once: what they could not write they then take for written, and no later sync
  /// brings it to the disk. Or it was only a moment's failure. Of each page one or the other is true.
  private func failed(_ record: Trace.Record) {
    guard let index = fileOfInode[record.file] else { return }
    let range = record.kind == .sync ? nil : record.offset..<record.offset + record.length
    files[index].forget(some: range, record.begin)
    hasForgotten = true
  }

  /// Notes the changes as durable that were done before a sync began.
  private func settle(_ begin: UInt64, _ isMeant: (NameChange) -> Bool) {
    for index in changes.indices where !changes[index].isDurable && changes[index].end < begin {
      if isMeant(changes[index]) { changes[index].isDurable = true }
    }
  }

  private static func parent(_ name: String) -> String {
    name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "."
  }
}
