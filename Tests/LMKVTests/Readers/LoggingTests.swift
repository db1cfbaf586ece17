import ControlPage
import Foundation
import LMKV
import Logging
import Synchronization
import Testing

@Suite struct LoggingTests {
  private static func recorded(_ recorder: Recorder) -> Store.Configuration {
    var configuration = Store.Configuration(durability: .relaxed())
    configuration.longReader = .milliseconds(100)
    configuration.logger = Logger(label: "test") { _ in recorder }
    return configuration
  }

  @Test("A long reader of another process is reported to the logger of who writes, again and again")
  func report() throws {
    try withStorePath { path in
      let recorder = Recorder()
      let store = try Store(path: path, configuration: Self.recorded(recorder))
      let numbers = store.scope("numbers", of: String.self)
      try fill(numbers)
      let parked = try DriverProcess("park", path)
      try parked.expect("parked")
      for round in 0..<4 { try rewrite(numbers, round) }
      let isReported = try waitUntil { recorder.lines(with: "pages").count >= 2 }
      #expect(isReported)
      for line in recorder.lines(with: "pages") {
        #expect(line["pid"] == "\(parked.processID)" && line["program"] == "LMKVTestDriver")
        #expect(line["level"] == "warning")
        #expect(try #require(Int(line["pages"] ?? "")) > 0)
      }
      try store.close()
    }
  }

  @Test("Who waits long for its turn to write is told for whom")
  func waiting() throws {
    try withStorePath { path in
      let recorder = Recorder()
      let store = try Store(path: path, configuration: Self.recorded(recorder))
      try store.scope("held").set("taken", 0)
      let holder = try DriverProcess("hold", path)
      try holder.expect("holding")
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        // Fails the test below, which looks at the value.
        _ = try? store.scope("held").increment("taken")
        done.signal()
      }
      #expect(try waitUntil { !recorder.lines(with: "holder").isEmpty })
      let line = try #require(recorder.lines(with: "holder").first)
      #expect(line["holder"] == "LMKVTestDriver" && line["pid"] == "\(holder.processID)" && line["level"] == "warning")
      holder.kill()
      done.wait()
      #expect(try store.scope("held").get("taken") == 1)
      try store.close()
    }
  }

  @Test("A recovery after a power failure is said, with how much was repeated")
  func recovery() throws {
    try withStorePath { path in
      let worker = try DriverProcess("acknowledge", path, "100000", "full")
      var acknowledged = 0
      while acknowledged < 200 { acknowledged += worker.availableData().count { $0 == UInt8(ascii: "-") } }
      worker.kill()
      let recorder = Recorder()
      var configuration = Self.recorded(recorder)
      configuration.boot = BootID(high: 1, low: 2)
      let store = try Store(path: path, configuration: configuration)
      let line = try #require(recorder.lines(with: "repeated").first)
      #expect(line["level"] == "notice" && line["store"]?.hasSuffix("/store") == true)
      #expect(try #require(Int(line["repeated"] ?? "")) > 0)
      #expect(try store.scope("counters", of: Int.self).get("n", default: 0) >= acknowledged)
      try store.close()
    }
  }
}
