import ControlPage
import Foundation
import Testing

@Suite("Members")
struct MemberTests {
  @Test("Members are listed with their process and program until they leave or are killed")
  func comingAndGoing() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let leaver = try Driver("join", path)
      let victim = try Driver("join", path)
      let ids = try [leaver, victim].map { driver in
        let line = try #require(driver.line())
        return try #require(MemberID(rawValue: UInt64(line.dropFirst("joined ".count)) ?? 0))
      }
      #expect(page.members.all().map(\.id).contains(page.me))
      #expect(page.members.all().count == 3 && !page.members.isAlone)
      let info = try #require(page.members.info(ids[0]))
      #expect(info.processID == leaver.processID)
      #expect(info.program == "ControlPageDriver")
      #expect(info.processStart > 0)
      #expect(abs(Double(info.joined) / 1_000 - Date().timeIntervalSince1970) < 60)

      try leaver.goOn()
      try leaver.expect("left")
      #expect(!page.members.isAlive(ids[0]))
      #expect(page.members.isAlive(ids[1]))
      // Its process lives on, but the page is closed.
      victim.signal(SIGKILL)
      try eventually("its death shows") { !page.members.isAlive(ids[1]) }
      #expect(page.members.info(ids[1]) == nil)
      #expect(page.members.all().map(\.id) == [page.me])
      #expect(page.members.isAlive(page.me) && page.members.isAlone)
    }
  }

  @Test("A slot is used again, and the old member stays dead")
  func reuse() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      let first = try ControlPage.open(path, isFirst: false)
      let old = first.me
      first.close()
      first.close()
      let second = try ControlPage.open(path, isFirst: false)
      #expect(second.me.slot == old.slot)
      #expect(second.me != old)
      #expect(!page.members.isAlive(old))
      #expect(page.members.isAlive(second.me))
      #expect(MemberID(rawValue: old.rawValue) == old)
    }
  }

  @Test("A page that nobody refers to is left")
  func dropped() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      _ = try ControlPage.open(path, isFirst: false)
      #expect(page.members.all().map(\.id) == [page.me])
    }
  }

  @Test("A forked child is refused everything, and its end does not disturb the parent")
  func fork() throws {
    try withPage { path in
      let driver = try Driver("fork", path)
      try driver.expect("refused 6")
      let page = try ControlPage.open(path, isFirst: false)
      #expect(page.members.all().count == 2)
      try driver.goOn()
      try driver.expect("members 2")
    }
  }

  @Test("One more process than the table holds is told so")
  func full() throws {
    try withPage { path in
      var pages = [try ControlPage.open(path, isFirst: true)]
      for _ in 1..<1_024 { pages.append(try ControlPage.open(path, isFirst: false)) }
      #expect(throws: ControlPageError.full(path: path, capacity: 1_024)) {
        try ControlPage.open(path, isFirst: false)
      }
      pages[512].close()
      let last = try ControlPage.open(path, isFirst: false)
      #expect(last.me.slot == 512)
    }
  }
}
