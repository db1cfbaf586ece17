import ControlPage
import Foundation
import LMDB
import Testing

@testable import LMKV

@Suite struct ClosingTests {
  @Test func `Who waits for others before it closes lets them open and close meanwhile`() throws {
    try withStorePath(.soundToOthers) { path in
      let store = try Store(path: path)
      let turn = try #require((try store.environment().companion as? Persistence)?.control?.turn)
      var (looks, withLock) = (0, 0)
      // The pin goes when nobody writes for half a second: then again.
      for _ in 0..<20 where looks == 0 {
        let owner = try DriverProcess("obey-durably", path)
        try owner.expect("ready")
        repeat {
          _ = try #require(try owner.ask("count"))
        } while try store.readers().first(where: \.isCheckpoint)?.processID != owner.processID
        func isWaiting() -> Bool { turn.waiting.contains { $0.member.processID == owner.processID } }
        // It cannot give up the pin as long as we may write.
        try store.transaction { _ in
          try owner.endInput()
          while owner.isRunning {
            guard isWaiting() else { continue }
            let lock = try String(contentsOfFile: path + "/open.lock", encoding: .utf8)
            guard isWaiting() else { continue }
            looks += 1
            if lock.contains("\(owner.processID) ") { withLock += 1 }
          }
        }
        #expect(owner.wait() == 0)
      }
      #expect(looks > 0 && withLock == 0, "it waited with the lock in \(withLock) of \(looks) looks")
      try store.close()
    }
  }
}
