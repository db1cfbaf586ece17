import FormatCheck
import LMDB
import PowerSimulation

/// Looks at an image of an environment that the engine wrote.
struct EngineInspection {
  let path: String
  let history: History

  func inspect() throws {
    let log = try look()
    try checkPages(path, "as found")
    // It must be good for more.
    let stamp = Stamp(stream: Work.judge, number: 1)
    let place = try EngineBench(path, .engine).perform(stamp, history.work, isFull: true)
    guard place == log.count + 1 else { throw Fault("corrupt: a new transaction is at \(place)") }
    try checkPages(path, "after a write")
  }

  private func look() throws -> [Stamp] {
    let environment = try Environment.open(path)
    let log = try history.readLog(environment.entries(Work.log) ?? [:])
    var scopes: [String: [String: [UInt8]]] = [:]
    for name in try environment.databaseNames() where name != Work.log && name != "foreign" {
      scopes[name] = try environment.entries(name)
    }
    try history.compare(scopes, log)
    try checkForeign(environment)
    return log
  }
}

/// What the foreign writers wrote is there in pairs, without a hole, and as many of it as must be.
func checkForeign(_ environment: Environment, _ required: Int = 0) throws {
  try checkPairs(environment, "foreign", 0)
  try checkPairs(environment, "after", required)
}

private func checkPairs(_ environment: Environment, _ name: String, _ required: Int) throws {
  let entries = try environment.entries(name) ?? [:]
  guard entries.count >= 2 * required else {
    throw Fault(
      "lost: \(entries.count / 2) of \(required) foreign transactions, durable ones, after which nothing was lost"
    )
  }
  guard entries.count % 2 == 0 else { throw Fault("half: a foreign transaction") }
  for number in 0..<entries.count / 2 {
    guard entries["left-\(number + 1)"] != nil, entries["right-\(number + 1)"] != nil else {
      throw Fault("half: foreign transaction \(number + 1) of \(entries.count / 2)")
    }
  }
}
