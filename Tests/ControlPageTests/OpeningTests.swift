import ControlPage
import Foundation
import Testing

@Suite("Opening the control page")
struct OpeningTests {
  /// Bytes of the file, changed in place, as another process would.
  private func patch(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data(bytes))
    try file.close()
  }

  private func leaveMark(_ path: String) throws -> ControlPage {
    let page = try ControlPage.open(path, isFirst: true)
    try page.register(3).store(42)
    return page
  }

  private func mark(_ path: String, isFirst: Bool) throws -> UInt64 {
    try ControlPage.open(path, isFirst: isFirst).register(3).load()
  }

  @Test("The first to open finds nothing of those before, and the others what the first made")
  func first() throws {
    try withPage { path in
      let first = try leaveMark(path)
      #expect(try mark(path, isFirst: false) == 42)
      first.close()
      #expect(try mark(path, isFirst: false) == 0)
      #expect(try mark(path, isFirst: true) == 0)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("A short or foreign file is made anew", arguments: [true, false])
  func garbage(_ isFirst: Bool) throws {
    for size in [0, 5, 4_096, 400_000] {
      try withPage { path in
        try Data((0..<size).map { UInt8($0 &* 167 % 255 + 1) }).write(to: URL(fileURLWithPath: path))
        let page = try ControlPage.open(path, isFirst: isFirst)
        #expect(try page.turn.take() == .taken)
        page.turn.release()
        #expect(page.members.all().map(\.id) == [page.me])
        #expect(try (0..<ControlPage.registerCount).allSatisfy { try page.register($0).load() == 0 })
      }
    }
  }

  @Test("Another version is refused while processes live that use it, and made anew by the first")
  func version() throws {
    try withPage { path in
      let driver = try Driver("first", path)
      #expect(try #require(driver.line()).hasPrefix("joined "))
      try patch(path, at: 8, [99, 0])
      do {
        _ = try ControlPage.open(path, isFirst: false)
        Issue.record("it was opened")
      } catch ControlPageError.otherVersion(_, let found, let mine) {
        #expect(found & 0xFFFF == 99)
        #expect(mine & 0xFFFF == 5)
        #expect(found >> 16 == mine >> 16)
      }
      driver.kill()
      let page = try ControlPage.open(path, isFirst: true)
      #expect(page.members.all().count == 1)
    }
  }

  @Test("A page that somebody uses is never made anew, whatever boot ID is in it, and whoever says to be the first")
  func boot() throws {
    try withPage { path in
      let driver = try Driver("first", path)
      #expect(try #require(driver.line()).hasPrefix("joined "))
      let other = try ControlPage.open(path, isFirst: false)
      try other.register(3).store(42)
      try patch(path, at: 16, [1, 2, 3, 4, 5, 6, 7, 8])
      for isFirst in [false, true] { #expect(try mark(path, isFirst: isFirst) == 42) }
      try patch(path, at: 16, [UInt8](repeating: 0, count: 16))
      #expect(try mark(path, isFirst: true) == 42)
      driver.kill()
      other.close()
      #expect(try mark(path, isFirst: false) == 0)
    }
  }

  @Test("One register can outlive all who have the page open, also those of layout 4")
  func kept() throws {
    try withPage { path in
      try leaveMark(path).close()
      for boot in [.current, BootID(high: 1, low: 2), BootID(high: 0, low: 0)] {
        let page = try ControlPage.open(path, isFirst: true, boot: boot, keptRegister: 3)
        #expect(try page.register(3).load() == 42)
        page.close()
      }
      try patch(path, at: 8, [4, 0])
      let page = try ControlPage.open(path, isFirst: true, keptRegister: 3)
      #expect(try page.register(3).load() == 42)
      page.close()
      #expect(try mark(path, isFirst: true) == 0)
    }
  }

  @Test("A page that was overwritten while somebody uses it is refused")
  func overwritten() throws {
    try withPage { path in
      let page = try leaveMark(path)
      try patch(path, at: 0, [0])
      #expect(throws: ControlPageError.damaged(path: path)) { try ControlPage.open(path, isFirst: true) }
      page.close()
    }
  }

  @Test("A kill at any moment of initialising leaves nothing that disturbs the next", arguments: OpeningStep.allCases)
  func killed(_ step: OpeningStep) throws {
    for isFirst in [true, false] {
      try withPage { path in
        let driver = try Driver("initialise", path, step.rawValue)
        #expect(driver.line() == nil)
        #expect(driver.wait() == -SIGKILL)
        let page = try ControlPage.open(path, isFirst: isFirst)
        #expect(page.members.all().map(\.id) == [page.me])
        #expect(try page.turn.take(timeout: .seconds(10)) == .taken)
        page.turn.release()
      }
    }
  }

  @Test("A full disk is an error when opening, and not a signal later")
  func fullDisk() throws {
    try withPage { path in
      let driver = try Driver("full", path)
      let line = try #require(driver.line())
      #expect(line.hasPrefix("error The system refused to allocate"), "\(line)")
      #expect(driver.wait() == 1)
      // With space again the same file serves.
      #expect(try mark(path, isFirst: true) == 0)
    }
  }

  @Test("What the file system refuses is said")
  func refusals() throws {
    try withPage { path in
      let absent = path + "-absent/control"
      #expect(throws: ControlPageError.system(code: ENOENT, doing: "open \(absent)")) {
        try ControlPage.open(absent, isFirst: true)
      }
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(throws: ControlPageError.system(code: EISDIR, doing: "open \(path)")) {
        try ControlPage.open(path, isFirst: true)
      }
      // Read-only media, for root too.
      let readOnly = "/proc/control"
      #expect(throws: ControlPageError.self) { try ControlPage.open(readOnly, isFirst: true) }
    }
  }

  @Test("Without a thread there is no page")
  func noThread() throws {
    try withPage { path in
      let driver = try Driver("threads", path)
      let line = try #require(driver.line())
      #expect(line.hasPrefix("error The system gave no thread"), "\(line)")
    }
  }
}
