import Foundation
import LMKV
import Testing

@Suite struct ReadersTests {
  @Test("lmkv readers tells process, program, age and pages of a snapshot that another process has open")
  func otherProcess() throws {
    try withCommand { lmkv in
      let store = try Store(path: lmkv.store)
      let numbers = store.scope("numbers", of: String.self)
      func write() throws {
        try store.transaction { tx in
          for key in 0..<1_000 { try tx[numbers].set("\(key)", String(repeating: "x", count: 400)) }
        }
      }
      try write()
      let own = ProcessInfo.processInfo.processIdentifier
      let program = URL(fileURLWithPath: CommandLine.arguments[0]).lastPathComponent
      try store.read { snapshot in
        _ = try snapshot[numbers].count()
        try onAnotherThread { for _ in 0..<5 { try write() } }
        let lines = try lmkv.output("readers", "--json").split(separator: "\n").map { try Value(json: String($0)) }
        let line = try #require(lines.first { $0["state"]?.string == "reading" })
        #expect(line["pid"]?.int == Int(own))
        #expect(line["program"]?.string == program)
        #expect(try #require(line["pages"]?.int) > 100)
        #expect(try #require(line["age"]?.double) >= 0)
        #expect(line["transaction"]?.int != nil)
        let fields = try lmkv.output("readers").split(separator: "\n")[0].split(separator: "\t")
        #expect(fields.count == 6 && fields[0] == "\(own)" && fields[2] == "reading")
      }
      let idle = try lmkv.output("readers", "--json")
      #expect(!idle.contains("\"reading\""))
      #expect(idle.contains("\"state\":\"idle\",\"age\":null,\"transaction\":null,\"pages\":0"))
      try store.close()
      #expect(try lmkv.output("readers") == "")
    }
  }

  private func onAnotherThread(_ body: @escaping () throws -> Void) throws {
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var outcome: Result<Void, any Error>?
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      outcome = Result { try body() }
      done.signal()
    }
    done.wait()
    try outcome?.get()
  }
}
