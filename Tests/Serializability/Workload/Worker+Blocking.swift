internal import LMKV
internal import PowerSimulation

// What a thread does.
extension Worker {
  /// Does as much, on this thread.
  package func work(_ count: Int) throws {
    for _ in 0..<count { try step() }
  }

  private func step() throws {
    switch chance.below(16) {
    case 0...7: try transact()
    case 8: try look()
    case 9: try compareAndSet()
    default: try verb()
    }
  }

  private func transact() throws {
    let record = try newRecord("a body")
    do {
      try store.transaction { try body($0) }
      try keep(record, .committed)
    } catch is Undone {
      try keep(record, .undone)
    }
  }

  /// One verb, which is a transaction of its own.
  private func verb() throws {
    let (list, counter) = (anyList(), anyCounter())
    switch chance.below(7) {
    case 0:
      try recording("append") {
        let element = newElement()
        try lists.append(list, element)
        note(.append(list, element))
      }
    case 1:
      try recording("update") {
        let element = newElement()
        try lists.update(list, default: []) { value in
          note(.read(list, value))
          value.append(element)
        }
        note(.append(list, element))
      }
    case 2:
      try recording("setIfAbsent") {
        let element = newElement()
        note(try lists.setIfAbsent(list, [element]), list, [], element)
      }
    case 3:
      try recording("getOrSet") {
        let element = newElement()
        let value = try lists.getOrSet(list) { [element] }
        note(.read(list, value == [element] ? [] : value))
        if value == [element] { note(.append(list, element)) }
      }
    default: try recording("increment") { note(.raise(counter, try counters.increment(counter))) }
    }
  }

  /// Reads an entry, and writes it if nobody has done so meanwhile.
  private func compareAndSet() throws {
    let list = anyList()
    var entry: Entry<[Int]>?
    try recording("entry") {
      entry = try lists.entry(list)
      note(.read(list, entry?.value ?? []))
    }
    try recording("set if unchanged") {
      let element = newElement()
      let former = entry?.value ?? []
      let result =
        if let entry, chance.once(in: 2) {
          try lists.set(list, former + [element], ifValue: entry.value)
        } else {
          try lists.set(list, former + [element], ifRevision: entry?.revision)
        }
      note(result, list, former, element)
    }
  }

  /// Notes what a conditional write did: it appended to the list that it demanded, or saw another one.
  func note(_ result: ConditionalResult<[Int]>, _ list: String, _ former: [Int], _ element: Int) {
    switch result {
    case .applied:
      note(.read(list, former))
      note(.append(list, element))
    case .refused(let current): note(.read(list, current?.value ?? []))
    }
  }

  private func recording(_ door: String, _ body: () throws -> Void) throws {
    let record = try newRecord(door)
    try body()
    try keep(record, .committed)
  }
}
