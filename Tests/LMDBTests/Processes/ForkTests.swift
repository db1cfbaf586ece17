import Testing

@Suite struct ForkTests {
  @Test func `a forked child is refused everything, and harms nothing`() throws {
    try withDirectory(.soundToOthers) { directory in
      let driver = try Driver("fork", directory)
      try driver.expect("refused 6")
      #expect(driver.wait() == 0)
      let environment = try directory.open()
      #expect(try environment.text("parent", in: environment.database()) == "still here")
    }
  }

  @Test func `a forked child may open the files anew`() throws {
    try withDirectory(.soundToOthers) { directory in
      let driver = try Driver("fork-anew", directory)
      try driver.expect("status 0")
      try driver.expect("value here")
      #expect(driver.wait() == 0)
    }
  }

  @Test func `a forked child that has let go of its parent's environment may open the files anew`() throws {
    try withDirectory(.soundToOthers) { directory in
      let driver = try Driver("fork-reopen", directory)
      try driver.expect("status 0")
      #expect(driver.wait() == 0)
      let environment = try directory.open()
      let database = try environment.database()
      #expect(try environment.text("child", in: database) == "here")
      #expect(try environment.text("parent", in: database) == "still here")
    }
  }

  @Test func `a child that was forked during an open does not lock others out`() throws {
    try withDirectory { directory in
      let driver = try Driver("fork-open", directory)
      try driver.expect("opened true")
      #expect(driver.wait() == 0)
    }
  }
}
