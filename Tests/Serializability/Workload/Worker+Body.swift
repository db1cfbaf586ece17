internal import Dispatch
internal import Foundation
internal import LMKV
internal import PowerSimulation
internal import Synchronization

// The bodies of transactions.
extension Worker {
  /// A body of some random steps.
  func body(_ tx: Transaction) throws {
    try run(tx, depth: 0)
    if chance.once(in: 8) { throw Undone() }
  }

  private func run(_ tx: Transaction, depth: Int) throws {
    for _ in 0...chance.below(4) {
      switch chance.below(16) {
      case 0...4: try append(tx)
      case 5...7: _ = try read(tx, anyList())
      case 8, 9: try count(tx)
      case 10...12: try raise(tx)
      case 13: try readElsewhere()
      default: if depth < 2 { try savepoint(tx, depth) }
      }
    }
  }

  private func savepoint(_ tx: Transaction, _ depth: Int) throws {
    steps.append([])
    do {
      try tx.savepoint {
        try run(tx, depth: depth + 1)
        if chance.once(in: 2) { throw Undone() }
      }
      endSavepoint(isKept: true)
    } catch is Undone {
      endSavepoint(isKept: false)
    }
  }

  private func endSavepoint(isKept: Bool) {
    if let ended = steps.popLast() { note(.savepoint(ended, isKept: isKept)) }
  }

  // MARK: Lists

  private func append(_ tx: Transaction) throws {
    let key = anyList()
    let element = newElement()
    let view = tx[lists]
    switch chance.below(6) {
    case 0: try view.append(key, element)
    case 1:
      try view.update(key, default: []) { list in
        note(.read(key, list))
        list.append(element)
      }
    case 2: view[key, default: []].append(element)
    case 3: note(.read(key, try view.exchange(key, read(tx, key) + [element]) ?? []))
    case 4:
      let entry = try view.entry(key)
      note(.read(key, entry?.value ?? []))
      guard try view.set(key, (entry?.value ?? []) + [element], ifRevision: entry?.revision).isApplied else { return }
    default: try view.set(key, read(tx, key) + [element])
    }
    note(.append(key, element))
  }

  /// Reads a list in the transaction, or, where they let it, through an outer handle.
  private func read(_ tx: Transaction, _ key: String) throws -> [Int] {
    let tried = chance.once(in: 3) ? try outer { try readOuter(key) } : nil
    let list = try tried ?? readInner(tx, key)
    note(.read(key, list))
    return list
  }

  private func readInner(_ tx: Transaction, _ key: String) throws -> [Int] {
    let view = tx[lists]
    switch chance.below(7) {
    case 0: return try tx.scope("lists", of: [Int].self).get(key) ?? []
    case 1: return view[key] ?? []
    case 2: return try view.entry(key)?.value ?? []
    case 3: return try view.getAll(.prefix(key)).first { $0.key == key }?.value ?? []
    case 4: return view.entries(.prefix(key)).first { $0.key == key }?.value ?? []
    case 5: return try view.get([key])[0].value ?? []
    default: return try view.get(key, default: [])
    }
  }

  private func readOuter(_ key: String) throws -> [Int] {
    switch chance.below(8) {
    case 0: try lists.get(key) ?? []
    case 1: try lists.entry(key)?.value ?? []
    case 2: try lists.getAll(.prefix(key)).first { $0.key == key }?.value ?? []
    case 3: try lists.page(.prefix(key), limit: 9).entries.first { $0.key == key }?.value ?? []
    case 4: try store.read { $0[lists][key] ?? [] }
    case 5: try otherLists.get(key) ?? []
    case 6: try lists.memoize(key) { [] }
    default: try helper(key)
    }
  }

  // MARK: Counters

  private func count(_ tx: Transaction) throws {
    let key = anyCounter()
    note(.count(key, try number(tx, key)))
  }

  private func raise(_ tx: Transaction) throws {
    let key = anyCounter()
    switch chance.below(3) {
    case 0: note(.raise(key, try tx[counters].increment(key)))
    case 1:
      tx[counters][key, default: 0] += 1
      note(.raise(key, try tx[counters].require(key)))
    default:
      let number = try number(tx, key)
      note(.count(key, number))
      try tx[counters].set(key, number + 1)
      note(.raise(key, number + 1))
    }
  }

  private func number(_ tx: Transaction, _ key: String) throws -> Int {
    let tried = chance.once(in: 3) ? try outer { try counters.get(key) ?? 0 } : nil
    return try tried ?? tx[counters].get(key) ?? 0
  }

  // MARK: Others

  /// Lets another thread read, which sees what is committed: a record of its own.
  private func readElsewhere() throws {
    guard let elsewhere else { return }
    let result = Mutex<Result<Void, any Error>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    Thread {
      result.withLock { $0 = Result { try elsewhere.look() } }
      isDone.signal()
    }
    .start()
    isDone.wait()
    try result.withLock { $0 }?.get()
  }
}
