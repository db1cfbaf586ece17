internal import LMKV
internal import PowerSimulation

// What a task does.
extension Worker {
  /// Does as much, suspending where it has to wait.
  package func work(_ count: Int) async throws {
    for _ in 0..<count { try await step() }
  }

  private func step() async throws {
    switch chance.below(16) {
    case 0...7: try await transact()
    case 8: try await snapshot()
    case 9: try look()
    case 10: try await compareAndSet()
    default: try await verb()
    }
  }

  private func transact() async throws {
    let record = try newRecord("a body of a task")
    do {
      try await store.async.transaction { try self.body($0) }
      try keep(record, .committed)
    } catch is Undone {
      try keep(record, .undone)
    }
  }

  private func snapshot() async throws {
    let (keys, counter) = ((0...2).map { _ in anyList() }, anyCounter())
    let record = try newRecord("a snapshot of a task")
    try await store.async.read { self.note($0, keys, [counter]) }
    try keep(record, .committed)
  }

  private func verb() async throws {
    let (list, counter) = (anyList(), anyCounter())
    switch chance.below(6) {
    case 0:
      let record = try newRecord("append of a task")
      let element = newElement()
      try await lists.async.append(list, element)
      note(.append(list, element))
      try keep(record, .committed)
    case 1:
      let record = try newRecord("update of a task")
      let element = newElement()
      try await lists.async.update(list, default: []) { value in
        self.note(.read(list, value))
        value.append(element)
      }
      note(.append(list, element))
      try keep(record, .committed)
    case 2:
      let record = try newRecord("getOrSet of a task")
      let element = newElement()
      let value = try await lists.async.getOrSet(list) { [element] }
      note(.read(list, value == [element] ? [] : value))
      if value == [element] { note(.append(list, element)) }
      try keep(record, .committed)
    default:
      let record = try newRecord("increment of a task")
      note(.raise(counter, try await counters.async.increment(counter)))
      try keep(record, .committed)
    }
  }

  private func compareAndSet() async throws {
    let list = anyList()
    let reading = try newRecord("entry of a task")
    let entry = try lists.entry(list)
    note(.read(list, entry?.value ?? []))
    try keep(reading, .committed)
    let writing = try newRecord("set if unchanged of a task")
    let element = newElement()
    let former = entry?.value ?? []
    note(try await lists.async.set(list, former + [element], ifRevision: entry?.revision), list, former, element)
    try keep(writing, .committed)
  }
}
