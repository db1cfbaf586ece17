import ControlPage
import Foundation
import Testing

@testable import LMKV

/// Verbs that one process does for another. See `CommitPath+Mail.swift`.
@Suite("Letters") struct LetterTests {
  /// All numbers that a process has said until its end, but one that it was killed in the middle of.
  private static func numbers(_ process: DriverProcess) -> [Int] {
    var text = Data()
    while true {
      let said = process.availableData()
      if said.isEmpty { break }
      text += said
    }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.dropLast().compactMap { Int($0) }
  }

  @Test(arguments: [[1, 0], [0, 4], [2, 2]])
  func `All sums of all processes are different, and none is missing`(threadsAndTasks: [Int]) throws {
    try withStorePath(.soundToOthers) { path throws in
      let store = try Store(path: path)
      let (threads, tasks) = (threadsAndTasks[0], threadsAndTasks[1])
      let times = 300 / (threads + tasks)
      let workers = try (0..<6).map { _ in try DriverProcess("sums", path, "\(times)", "\(threads)", "\(tasks)") }
      let sums = workers.flatMap { Self.numbers($0) }
      for worker in workers { #expect(worker.wait() == 0) }
      #expect(sums.sorted() == Array(1...6 * times * (threads + tasks)))
      #expect(try store.scope("counters", of: Int.self).get("n") == sums.count)
      #expect(try store.read(\.revision) == UInt64(sums.count))
      #expect(try store.shared().commitPath.lettersDone > 0, "nobody has done anything for another one")
      try store.close()
    }
  }

  @Test func `Sums stay different, and none is lost, when processes are killed and stopped`() async throws {
    try await withSeed { random in
      var generator = random
      try withStorePath(.soundToOthers) { path throws in
        let store = try Store(path: path)
        func enter() throws -> DriverProcess { try DriverProcess("sums", path, "1000000", "2", "2") }
        var workers = try (0..<6).map { _ in try enter() }
        var (sums, lives) = ([Int](), workers.count)
        for _ in 0..<60 {
          Thread.sleep(forTimeInterval: Double.random(in: 0.002..<0.03, using: &generator))
          let index = Int.random(in: workers.indices, using: &generator)
          if Bool.random(using: &generator) {
            kill(workers[index].processID, SIGSTOP)
            Thread.sleep(forTimeInterval: Double.random(in: 0..<0.02, using: &generator))
            kill(workers[index].processID, SIGCONT)
          } else {
            workers[index].kill()
            sums += Self.numbers(workers[index])
            workers[index] = try enter()
            lives += 1
          }
        }
        for worker in workers {
          worker.kill()
          sums += Self.numbers(worker)
        }
        let total = try store.scope("counters", of: Int.self).get("n", default: 0)
        #expect(Set(sums).count == sums.count, "two have got the same sum")
        #expect(total >= sums.max() ?? 0, "a sum was acknowledged that is not there")
        // Each of the four of a life may have been killed between its increment and the word of it.
        #expect(total <= sums.count + 4 * lives, "something was done twice")
        #expect(try store.shared().commitPath.lettersDone > 0)
        try store.close()
      }
      random = generator
    }
  }

  @Test func `What others do has the answers and errors of the verb itself`() throws {
    try withStorePath(.soundToOthers) { path throws in
      let store = try Store(path: path)
      let workers = try (0..<5).map { try DriverProcess("verbs", path, "worker-\($0)", "60") }
      for worker in workers {
        try worker.expect("right")
        #expect(worker.wait() == 0)
      }
      for number in 0..<5 {
        let sums = try (0..<3).map { try store.scope("worker-\(number)-\($0)", of: Int.self).get("n") }
        #expect(sums == [20, 20, 20])
      }
      #expect(try store.shared().commitPath.lettersDone > 0)
      try store.close()
    }
  }

  @Test func `In a full store each has errors of its own, and what was told is so`() throws {
    try withStorePath(.soundToOthers) { path throws in
      var configuration = Store.Configuration()
      configuration.maxSize = 1 << 20
      let store = try Store(path: path, configuration: configuration)
      let workers = try (0..<5).map { try DriverProcess("fill", path, "w\($0)") }
      var (there, absent) = (Set<String>(), Set<String>())
      for worker in workers {
        while let line = worker.line() {
          if line.hasPrefix("+") {
            there.insert(String(line.dropFirst()))
          } else {
            absent.insert(String(line.dropFirst()))
          }
        }
        #expect(worker.wait() == 0)
      }
      #expect(absent.count == 50)
      #expect(try store.read { Set($0.scope("filled", of: [UInt8].self).keys()) } == there)
      #expect(try store.shared().commitPath.lettersDone > 0)
      try store.close()
    }
  }

  /// A verb as it comes out of the letter of another process, after so long by the clock of who does it.
  private func throughLetter(_ verb: PlainVerb, _ clock: ManualClock, _ time: Duration) throws -> PlainVerb {
    let letter = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 8)
    defer { letter.deallocate() }
    let end = try #require(verb.write(to: letter, at: 0))
    clock.advance(by: time)
    return try #require(PlainVerb.read(UnsafeRawBufferPointer(rebasing: letter[..<end]), at: 0)).verb
  }

  @Test func `An expiry counts from when the verb is done, by the clock of who does it, not from the call`() throws {
    try withClockedStore { store, clock in
      try withStorePath { path throws in
        let owner = try Store(path: path)
        let counters = owner.scope("counters", of: Int.self)
        let verbs = [
          PlainVerb.set(counters, "set", 1, .milliseconds(150)),
          PlainVerb.increment(counters, "raised", 1, .kept(or: .milliseconds(150))),
        ]
        for (verb, key) in zip(verbs, ["set", "raised"]) {
          let taken = try throughLetter(#require(verb), clock, .seconds(10))
          _ = try store.transaction { try taken.run($0) }
          let left = try store.scope("counters", of: Int.self).timeToLive(key)
          #expect(left == .remaining(.milliseconds(150)))
        }
        try owner.close()
      }
    }
  }

  @Test func `A moment in a letter stays one, and when it is past the verb is left to its owner`() throws {
    try withClockedStore { store, clock in
      let moment = clock.now + 1_000
      var verb = PlainVerb(operation: .increment, scope: "counters", key: "n")
      verb.expires = ExpiryTerm(moment: .at(moment), keepsFormer: false)
      verb.amount = 1
      let early = try throughLetter(verb, clock, .milliseconds(400))
      _ = try store.transaction { try early.run($0) }
      let left = try store.scope("counters", of: Int.self).timeToLive("n")
      #expect(left == .remaining(.milliseconds(600)))
      let late = try throughLetter(verb, clock, .milliseconds(600))
      #expect(throws: LMKVError.self) { try store.transaction { try late.run($0) } }
    }
  }

  @Test func `A version that knows no durations in letters refuses one, and moments look as they did`() throws {
    let letter = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 8)
    defer { letter.deallocate() }
    var verb = PlainVerb(operation: .set, scope: "s", key: "k")
    // The operations that it knows.
    let known: ClosedRange<UInt8> = 1...3
    for (moment, isKnown) in [(.never, true), (.at(5), true), (.after(5), false)] as [(ExpiryTerm.Moment, Bool)] {
      verb.expires = ExpiryTerm(moment: moment, keepsFormer: false)
      try #require(verb.write(to: letter, at: 0) != nil)
      #expect(known.contains(letter[0]) == isKnown)
    }
  }

  /// Increments five times, and lets a process that increments when it is told to do so once.
  private func openWithOwner(_ path: String) throws -> (store: Store, counters: Scope<Int>, owner: DriverProcess) {
    let store = try Store(path: path)
    let counters = store.scope("counters", of: Int.self)
    for _ in 0..<5 { try counters.increment("n") }
    let owner = try DriverProcess("obey-durably", path)
    try owner.expect("ready")
    // It has a box from its first write on.
    try owner.tell("increment")
    _ = owner.line()
    return (store, counters, owner)
  }

  /// Does what a taker does until it dies: in the turn, with a letter of a process that increments.
  ///
  /// - Returns: how many letters nobody took in time before that one. Nil when none was taken.
  private func takeLetter(
    _ store: Store,
    _ owner: DriverProcess,
    _ dies: (Mailbox, Mailbox.State) throws -> Void
  ) throws -> Int? {
    let control = try #require(try store.shared().commitPath.control)
    let state = try #require(try store.shared().commitPath.persistence?.state)
    for round in 0..<200 {
      // The letter is there for some milliseconds. On a busy machine that may be too short.
      _ = try control.turn.take()
      state[.isForFull] = 1
      try owner.tell("increment")
      var taken: [(box: Mailbox, letter: Mailbox.State)] = []
      let end = ContinuousClock.now + .milliseconds(50)
      while taken.isEmpty, ContinuousClock.now < end {
        if control.mailboxes.hasLetters { taken = control.mailboxes.take() }
      }
      for (box, letter) in taken { try dies(box, letter) }
      if taken.isEmpty { control.mailboxes.putDown(0) }
      control.turn.release()
      if !taken.isEmpty { return round }
      _ = owner.line()
    }
    return nil
  }

  @Test(arguments: [false, true])
  func `Whether a letter was committed is decided before anybody else commits`(isCommitted: Bool) throws {
    try withStorePath { path throws in
      let (store, counters, owner) = try openWithOwner(path)
      let last = try store.commits()
      let found = try takeLetter(store, owner) { box, letter in
        box.withBytes { PlainVerb.writeAnswer(1_000, to: $0, at: 0) }
        // One that it died before, or after. The transaction is that of the next two writes of anybody.
        let now = try store.commits() - last
        let new: UInt64 = isCommitted ? 0 : 1
        box.markExecuted(letter, transaction: last + now + new)
      }
      let rounds = try #require(found)
      // Others commit, and have the transaction's ID and the revision then.
      for _ in 0..<3 { try counters.increment("others") }
      let answer = try #require(owner.line())
      // Five here, one for the box, one for each letter that nobody took in time.
      #expect(answer == (isCommitted ? "1000" : "\(7 + rounds)"))
      #expect(try counters.get("n") == 6 + rounds + (isCommitted ? 0 : 1))
      #expect(owner.finish() == 0)
      try store.close()
    }
  }

  @Test func `What was committed by one who died before LMDB told of it is not done twice`() throws {
    try withStorePath { path throws in
      let (store, _, owner) = try openWithOwner(path)
      let found = try takeLetter(store, owner) { box, letter in
        box.withBytes { PlainVerb.writeAnswer(1_000, to: $0, at: 0) }
        let (last, revision) = (try store.commits(), try store.read(\.revision))
        box.markExecuted(letter, transaction: last + 1)
        #expect(try DriverProcess("die-committing", path).wait() == -SIGKILL)
        #expect(try store.read(\.revision) == revision, "the commit was to be one that nobody sees yet")
      }
      _ = try #require(found)
      #expect(owner.line() == "1000")
      #expect(owner.finish() == 0)
      try store.close()
    }
  }

  @Test(arguments: [false, true])
  func `A foreign commit that raises the revision is not taken for that of one who died before it`(isShort: Bool) throws
  {
    try withStorePath { path throws in
      let (store, counters, owner) = try openWithOwner(path)
      let before = try counters.get("n", default: 0)
      let found = try takeLetter(store, owner) { box, letter in
        box.withBytes { PlainVerb.writeAnswer(1_000, to: $0, at: 0) }
        box.markExecuted(letter, transaction: try store.commits() + 1)
        #expect(try DriverProcess("raise-revision", path, isShort ? "short" : "whole").wait() == 0)
      }
      _ = try #require(found)
      let answer = owner.line()
      if isShort {
        // The evidence is gone, and the owner is told so.
        #expect(answer == "error outcomeUnknown")
        #expect(owner.wait() == 1)
        try counters.increment("n")
      } else {
        // Nothing was done, so its owner did it.
        #expect(Int(answer ?? "") == (try counters.get("n")))
        #expect(try counters.require("n") > before)
        #expect(owner.finish() == 0)
      }
      try store.close()
    }
  }

  @Test func `Nobody waits for ever for the sync of a process that stands still, or was killed`() throws {
    try withStorePath { path throws in
      let store = try Store(path: path)
      let counters = store.scope("counters", of: Int.self)
      let other = try DriverProcess("obey-durably", path)
      try other.expect("ready")
      for number in 1...20 { #expect(try counters.increment("n") == number) }
      let control = try #require(try store.shared().commitPath.control)
      let state = try #require(try store.shared().commitPath.persistence?.state)
      #expect(state.flag(.isDirty))
      let id = try #require(control.members.all().map(\.id).first { $0 != control.me })
      for isDead in [false, true] {
        state[.syncOwner] = id.rawValue
        if isDead { other.kill() }
        for _ in 0..<5 { try counters.increment("n") }
        #expect(state[.syncOwner] == 0)
      }
      #expect(try counters.get("n") == 30)
      try store.close()
    }
  }
}
