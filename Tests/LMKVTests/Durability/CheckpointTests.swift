import ControlPage
import Foundation
import LMDB
import Logging
import Synchronization
import Testing

@testable import LMKV

/// What the old checkpoint needs stays until the new one counts.
@Suite struct CheckpointTests {
  private static let otherBoot = BootID(high: 7, low: 1)

  private func configuration(smallestLog: UInt64 = 1 << 14, largestLog: UInt64 = 1 << 20) -> Store.Configuration {
    var configuration = Store.Configuration(durability: .relaxed(flushEvery: .seconds(3_600)))
    // Nothing comes in between but what the test does.
    configuration.limits.idle = .max >> 1
    configuration.limits.smallestLog = smallestLog
    configuration.limits.largestLog = largestLog
    return configuration
  }

  /// A store that is dirty, and writes `count` last in each of its transactions.
  private struct Writer {
    let store: Store
    let persistence: Persistence
    let state: SharedState
    private(set) var count = 0

    init(_ path: String, _ configuration: Store.Configuration) throws {
      store = try Store(path: path, configuration: configuration)
      persistence = try #require(try store.environment().companion as? Persistence)
      state = try #require(persistence.state)
      // Nobody makes a checkpoint in the background.
      persistence.hasCaretaker.store(true, ordering: .relaxed)
      while !state.flag(.isDirty) { try write(8) }
    }

    mutating func write(_ size: Int) throws {
      let count = count + 1
      try store.transaction { transaction in
        try transaction.scope("filling").set("key", [UInt8](repeating: 7, count: size))
        try transaction.scope("counters").set("n", count)
      }
      self.count = count
    }

    var room: Int { Int(state[.redoStart] + state[.redoCapacity]) - Int(state[.redoEnd]) }
  }

  /// Lets every write to a file that is open fail for a while.
  private struct FailingWrites {
    private let file: StoreFile
    private let kept: Int32
    private let readOnly: Int32

    init(_ file: StoreFile) {
      self.file = file
      kept = dup(file.descriptor)
      readOnly = open(file.path, O_RDONLY | O_CLOEXEC)
    }

    func begin() { dup2(readOnly, file.descriptor) }

    func end() {
      dup2(kept, file.descriptor)
      close(kept)
      close(readOnly)
    }
  }

  /// Whether the files of the moment, as a machine finds them that was started anew, have everything.
  private func isWhole(
    _ path: String,
    _ count: Int,
    checkpoint: Data? = nil,
    before: (String) throws -> Void = { _ in }
  ) throws -> Bool {
    let copy = path + "-copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
    for name in ["data.mdb", "checkpoint", "redo"] {
      try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy)/\(name)")
    }
    if let checkpoint { try checkpoint.write(to: URL(fileURLWithPath: copy + "/checkpoint")) }
    try before(copy)
    var configuration = configuration()
    configuration.boot = Self.otherBoot
    let store = try Store(path: copy, configuration: configuration)
    defer { try? store.close() }
    return try store.scope("counters", of: Int.self).require("n") == count
  }

  @Test(arguments: [0, 8, 16, 72, 80, 88, 152, 160, 400])
  func `Where a full log begins anew it does not write over what the old checkpoint needs`(left: Int) throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration(largestLog: 1 << 14))
      let before = writer.state[.redoEnd]
      try writer.write(0)
      let overhead = Int(writer.state[.redoEnd] - before)
      // The last record takes all that is left but for so much, and is no larger than records may be.
      while writer.room > (1 << 14) / 5 { try writer.write(200) }
      try writer.write(max(0, writer.room - overhead - left - 8))
      let checkpoint = try Data(contentsOf: URL(fileURLWithPath: path + "/checkpoint"))
      try writer.persistence.checkpointNow(writer.store.environment())
      #expect(try isWhole(path, writer.count, checkpoint: checkpoint))
      try writer.store.close()
    }
  }

  @Test(arguments: [17_000, 18_500, 20_000, 23_000, 27_000, 33_000])
  func `Nor does a log that grows`(size: Int) throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      // It goes round, half full, and so its end lies anywhere in the larger one.
      for _ in 0..<6 {
        while writer.room > 10_500 { try writer.write(size / 20) }
        try writer.persistence.checkpointNow(writer.store.environment())
      }
      try #require(writer.state[.redoCapacity] == 1 << 14)
      while writer.room > 1_000 { try writer.write(size / 20) }
      let checkpoint = try Data(contentsOf: URL(fileURLWithPath: path + "/checkpoint"))
      writer.persistence.largestRecord = UInt64(size)
      try writer.persistence.checkpointNow(writer.store.environment())
      try #require(writer.state[.redoCapacity] > 1 << 14)
      #expect(try isWhole(path, writer.count, checkpoint: checkpoint))
      try writer.store.close()
    }
  }

  @Test func `A checkpoint that failed, after somebody has died in a commit, proves nothing against the log`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      for _ in 0..<5 { try writer.write(40) }
      // As if a process had died between a record and its commit.
      writer.state[.isChanging] = 1
      let failing = try FailingWrites(#require(writer.persistence.files?.checkpoint.file))
      failing.begin()
      #expect(throws: LMDBError.self) { try writer.persistence.checkpointNow(writer.store.environment()) }
      failing.end()
      writer.state[.flushDue] = 1
      try writer.persistence.flush(writer.store.environment())
      #expect(try isWhole(path, writer.count))
      try writer.write(40)
      try writer.store.close()
    }
  }

  @Test func `A checkpoint that fails behind a commit is not the commit's error, and is made good for`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      let failing = try FailingWrites(#require(writer.persistence.files?.checkpoint.file))
      try writer.store.transaction { transaction in
        try transaction.scope("counters").set("n", 1_000)
        // Somebody else had the pin, and has died; and from now on nothing can be written to the file `checkpoint`.
        writer.state[.pinOwner] = 0
        failing.begin()
      }
      failing.end()
      #expect(try writer.store.scope("counters", of: Int.self).require("n") == 1_000)
      #expect(try isWhole(path, 1_000))
      let generation = writer.state[.generation]
      try writer.write(8)
      #expect(writer.state[.generation] > generation && !writer.state.flag(.isChanging))
      try writer.store.close()
    }
  }

  @Test func `Who dies between the marks of the two meta pages contradicts nothing`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      while writer.state[.lastTransaction] % 2 == 1 { try writer.write(8) }
      let (last, files) = (writer.state[.lastTransaction], try #require(writer.persistence.files))
      // One has died in its commit, and the next one in its checkpoint.
      try files.marks.begin(last + 1, synced: writer.state[.redoSynced], images: 0)
      let offset = 4_096 + MetaMark.offset
      let second = try files.data.file.read(MetaMark.size, at: offset)
      try files.marks.set(lineage: writer.state[.lineage], generation: writer.state[.generation] + 1, base: last)
      try files.data.file.write(second, at: offset)
      #expect(try isWhole(path, writer.count))
      try files.marks.set(lineage: writer.state[.lineage], generation: writer.state[.generation], base: last)
      try writer.store.close()
    }
  }

  @Test func `The stamp tells that a synced commit of a foreign program has all of ours, where no mark does`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      for _ in 0..<3 { try writer.write(8) }
      // As if we had died before the mark said that the commit was done.
      let last = writer.state[.lastTransaction]
      let file = try #require(writer.persistence.files).data.file
      let offset = Int(last % 2) * 4_096 + MetaMark.offset + MetaMark.Field.done
      let done = try file.read(8, at: offset)
      try file.write([UInt8](repeating: 0, count: 8), at: offset)
      let isWhole = try isWhole(path, writer.count) { copy in
        let environment = try Environment.open(copy)
        for number in 0..<3 {
          try environment.write { transaction in
            try transaction.put(String(number), for: "key", in: transaction.createDatabase("foreign"))
          }
        }
      }
      #expect(isWhole)
      try file.write(done, at: offset)
      try writer.store.close()
    }
  }

  @Test func `Where a recovery died while it put pages back no foreign commit is taken for a state on top of them`()
    throws
  {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      for _ in 0..<5 { try writer.write(8) }
      let files = try #require(writer.persistence.files)
      try files.marks.beginRestoring()
      // Ours begins again.
      #expect(try isWhole(path, writer.count))
      #expect {
        _ = try isWhole(path, writer.count) { copy in
          let environment = try Environment.open(copy)
          try environment.write { transaction in
            try transaction.put("value", for: "key", in: transaction.createDatabase("foreign"))
          }
        }
      } throws: { error in
        (error as? LMKVError)?.code == .inDoubt
      }
      try files.marks.set(
        lineage: writer.state[.lineage],
        generation: writer.state[.generation],
        base: writer.state[.lastTransaction]
      )
      try writer.store.close()
    }
  }

  /// Keeps what is there when a recovery has repeated a part of the log.
  private final class HalfRecovered: LogHandler {
    let path: String
    let files = Mutex<[String: Data]>([:])
    var metadata: Logger.Metadata {
      get { [:] }
      set {}
    }
    var logLevel: Logger.Level {
      get { .info }
      set {}
    }

    init(_ path: String) { self.path = path }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
      get { nil }
      set {}
    }

    func log(event: LogEvent) {
      guard event.metadata?["repeated"] != nil, event.level == .info else { return }
      for name in ["data.mdb", "checkpoint", "redo"] {
        files.withLock { $0[name] = $0[name] ?? FileManager.default.contents(atPath: "\(path)/\(name)") }
      }
    }
  }

  @Test func `Where a recovery died between two parts of the log the next one goes on`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration(smallestLog: 1 << 23, largestLog: 1 << 23))
      while writer.state[.redoEnd] - writer.state[.redoStart] < 6 << 20 { try writer.write(100_000) }
      // Records of the second part, too, say that pages were saved for the checkpoint before.
      try #require(writer.state[.savedImages] > 0)
      let isWhole = try isWhole(path, writer.count) { copy in
        let half = HalfRecovered(copy)
        var configuration = configuration()
        configuration.boot = Self.otherBoot
        configuration.logger = Logger(label: "test") { _ in half }
        try Store(path: copy, configuration: configuration).close()
        try FileManager.default.removeItem(atPath: copy)
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
        let files = half.files.withLock { $0 }
        try #require(files.count == 3)
        for (name, data) in files { try data.write(to: URL(fileURLWithPath: "\(copy)/\(name)")) }
      }
      #expect(isWhole)
      try writer.store.close()
    }
  }

  @Test func `A dirty data file of before a recovery is looked at before it is believed`() throws {
    try withStorePath { path in
      var writer = try Writer(path, configuration())
      for _ in 0..<5 { try writer.write(8) }
      let count = writer.count
      let dirty = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
      // As after a failed sync, which the kernel has forgotten.
      let damaged = dirty[..<8_192] + Data(count: dirty.count - 8_192)
      /// Recovers the copy, closes it, and puts another data file there.
      func isWhole(with data: Data) throws -> Bool {
        try self.isWhole(path, count) { copy in
          var configuration = configuration()
          configuration.boot = Self.otherBoot
          try Store(path: copy, configuration: configuration).close()
          try data.write(to: URL(fileURLWithPath: copy + "/data.mdb"))
        }
      }
      #expect(try isWhole(with: dirty))
      #expect {
        _ = try isWhole(with: damaged)
      } throws: { error in
        (error as? LMKVError)?.code == .inDoubt
      }
      try writer.store.close()
    }
  }

  @Test func `A foreign commit of which a checkpoint was begun leaves no doubt, and another one does`() throws {
    for isSeen in [true, false] {
      try withStorePath { path in
        var writer = try Writer(path, configuration())
        for _ in 0..<3 { try writer.write(8) }
        let last = writer.state[.lastTransaction]
        let count = writer.count
        func look() throws -> Bool {
          try isWhole(path, count) { copy in
            // As if one had died between the record and the commit of the next transaction, and a foreign program came.
            let log = try RedoLog(copy + "/redo", mode: 0o600, mayMap: false)
            let changes = ChangeRecorder()
            let commit = RedoLog.Commit(transactionID: last + 1, revision: 1 << 20, generation: 1, synced: 0, images: 0)
            _ = try log.write(
              commit,
              changes,
              names: [],
              after: writer.state[.redoEnd],
              capacity: writer.state[.redoCapacity],
              lineage: writer.state[.lineage],
              isForSync: true
            )
            let data = try DataFile(copy + "/data.mdb", writable: true)
            let marks = try MetaMarks(data, pageSize: 4_096, isMapped: false)
            try marks.begin(last + 1, synced: 0, images: 0)
            let environment = try Environment.open(copy)
            try environment.write { transaction in
              try transaction.put("value", for: "key", in: transaction.createDatabase("foreign"))
            }
            if isSeen {
              let generation = writer.state[.generation] + 1
              try marks.set(lineage: writer.state[.lineage], generation: generation, base: last + 1)
            }
          }
        }
        if isSeen {
          #expect(try look())
        } else {
          #expect {
            _ = try look()
          } throws: { error in
            (error as? LMKVError)?.code == .inDoubt
          }
        }
        try writer.store.close()
      }
    }
  }
}
