import Foundation
import LMKV
import Testing

@Suite struct RecoverCommandTests {
  /// Makes the command's store one that nobody has closed, with `n` in the scope `counters` at 200: a copy of one in use.
  private func makeDirty(_ lmkv: Command) throws {
    let original = lmkv.directory.path(of: "original")
    let store = try Store(path: original)
    let counters = store.scope("counters", of: Int.self)
    for _ in 0..<200 { try counters.increment("n") }
    try FileManager.default.createDirectory(atPath: lmkv.store, withIntermediateDirectories: false)
    for name in ["data.mdb", "checkpoint", "redo"] {
      try FileManager.default.copyItem(atPath: original + "/" + name, toPath: lmkv.store + "/" + name)
    }
    try store.close()
  }

  private func makeDoubtful(_ lmkv: Command) throws {
    try makeDirty(lmkv)
    try FileManager.default.removeItem(atPath: lmkv.store + "/redo")
  }

  private func files(_ lmkv: Command) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: lmkv.store)
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: lmkv.store + "/" + $0))) }
    )
  }

  private let keys = ["path", "state", "inUse", "evidence", "doubt", "choices", "outcome"]

  @Test("A store that nobody has closed is described by a dry run, and recovered without one")
  func dirty() throws {
    try withCommand { lmkv in
      try makeDirty(lmkv)
      let before = try files(lmkv)
      let found = try Value(json: lmkv.output("recover", "--dry-run", "--json"))
      #expect(found.map?.keys.compactMap(\.string) == keys)
      #expect(found["state"] == "dirty" && found["inUse"] == false && found["choices"] == [])
      #expect(found["outcome"] == .null && found["doubt"] == .null)
      let lines = try lmkv.output("recover", "--dry-run").split(separator: "\n")
      #expect(lines.first == "state\tdirty, to be recovered")
      #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("evidence\t") })
      #expect(try files(lmkv) == before)

      let done = try Value(json: lmkv.output("recover", "--json"))
      #expect(done["outcome"]?.map?.keys.compactMap(\.string) == ["action", "transactions", "copy"])
      #expect(done["outcome"]["action"] == "restored" && done["outcome"]["copy"] == .null)
      #expect(try lmkv.output("recover").hasSuffix("outcome\tThe store is in order; nothing was to be done.\n"))
      #expect(try lmkv.output("get", "counters", "n") == "200\n")
    }
  }

  @Test("In doubt nothing is changed without a choice that is possible, and the status is 4")
  func doubt() throws {
    try withCommand { lmkv in
      try makeDoubtful(lmkv)
      let before = try files(lmkv)
      for arguments in [["recover", "--dry-run", "--json"], ["info", "--json"]] {
        let result = try run(Command.executable, arguments, environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 4)
        #expect(try Value(json: result.errors)["error"] == "inDoubt")
        let found = try Value(json: result.output)
        #expect(found["state"] == "inDoubt" && found["inUse"] == false)
        #expect(found["evidence"]?.array?.isEmpty == false)
      }
      #expect(try files(lmkv) == before)
      #expect(try lmkv("recover").status == 4)
      #expect(try lmkv("recover", "--dry-run", "--choose", "data").status == 0)
      #expect(try lmkv("recover", "--choose", "both").status == 2)
      #expect(try lmkv("recover", "--immutable").status == 2)
      let check = try lmkv("check", "--json")
      #expect(check.status == 4 && check.output.contains(#""section":"log","kind":"doubt""#))
      for (name, data) in before { #expect(try files(lmkv)[name] == data) }

      let found = try Value(json: lmkv("recover", "--json").output)
      let choices = try #require(found["choices"]?.array)
      #expect(choices.map { $0["name"] } == ["data", "checkpoint"])
      #expect(choices.allSatisfy { $0.map?.keys.compactMap(\.string) == ["name", "keeps", "loses", "obstacle"] })

      let done = try Value(json: lmkv.output("recover", "--choose", "data", "--json"))
      #expect(done["outcome"]["action"] == "tookData")
      #expect(done["outcome"]["copy"] == .string(lmkv.store + "/before-recovery"))
      #expect(try lmkv.output("get", "counters", "n") == "200\n")
      let copy = lmkv.store + "/before-recovery"
      try lmkv.output("recover", "--store", copy, "--choose", "checkpoint", "--no-copy")
      #expect(try #require(Int(lmkv.output("get", "counters", "n", "--store", copy).dropLast())) < 200)
      try lmkv.output("store", "delete", lmkv.store)
    }
  }

  @Test("A store in use is refused with status 3, and info says so")
  func inUse() throws {
    try withCommand { lmkv in
      let store = try Store(path: lmkv.store)
      try store.scope("s").set("k", 1)
      for arguments in [["recover"], ["recover", "--dry-run"], ["recover", "--choose", "data"]] {
        let result = try run(Command.executable, arguments + ["--json"], environment: ["LMKV_STORE": lmkv.store])
        #expect(result.status == 3)
        #expect(try Value(json: result.errors)["error"] == "storeInUse")
        #expect(try Value(json: result.output)["inUse"] == true)
      }
      let info = try Value(json: lmkv.output("info", "--json"))
      #expect(info["inUse"] == true && info["state"] == "clean")
      #expect(try lmkv.output("info").contains("\nstate\tclean, in use\n"))
      for _ in 0..<200 { try store.scope("s").increment("n") }
      #expect(try lmkv.output("info").contains("\nstate\tdirty, in use\n"))
      try store.close()
      #expect(try lmkv.output("info").contains("\nstate\tclean\n"))
      #expect(try lmkv("recover", "--store", lmkv.store + "/absent").status == 5)
    }
  }

  @Test("info says that a store is to be recovered, and does so")
  func info() throws {
    try withCommand { lmkv in
      try makeDirty(lmkv)
      let result = try lmkv("info")
      #expect(result.status == 0 && result.output.contains("\nstate\tdirty, to be recovered\n"))
      #expect(try lmkv.output("info").contains("\nstate\tclean\n"))
    }
  }

  @Test("Without room for the copy nothing is changed")
  func diskFull() throws {
    try withCommand { lmkv in
      try makeDoubtful(lmkv)
      // What was acknowledged is larger than the limit; SIGXFSZ is ignored, so that writing fails.
      let result = try lmkv.shell("trap '' XFSZ; ulimit -f 8; lmkv recover --choose data --json")
      #expect(result.status == 5)
      #expect(try Value(json: result.errors)["error"] == "diskFull")
      #expect(result.output.contains("There is no room on the disk for a copy of data.mdb"))
      let names = try FileManager.default.contentsOfDirectory(atPath: lmkv.store)
      #expect(!names.contains { $0.hasPrefix("before-recovery") || $0 == "trial" })
      #expect(try lmkv("recover", "--choose", "data", "--no-copy").status == 0)
      #expect(try lmkv.output("get", "counters", "n") == "200\n")
    }
  }
}
