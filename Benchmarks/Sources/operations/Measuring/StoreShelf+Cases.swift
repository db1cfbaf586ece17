import Harness

extension StoreShelf {
  /// The cases of one operation, for those contenders that have it.
  func cases(_ operation: Operation, of contenders: [String]) throws -> [OperationCase] {
    switch operation {
    case .decodeScan:
      return allRecordStores.filter { contenders.contains($0.name) }.map { type in
        OperationCase(contender: type.name, operation: operation) { try self.measureDecoding(type, for: $0) }
      }
    case .sweep:
      return allSweepStores.filter { contenders.contains($0.name) }.map { type in
        OperationCase(contender: type.name, operation: operation) { try self.measureSweep(type, for: $0) }
      }
    default:
      let types = allEntryStores.all.filter { contenders.contains($0.name) && $0.operations.contains(operation) }
      return types.map { type in
        OperationCase(contender: type.name, operation: operation) { try self.measure(operation, type, for: $0) }
      }
    }
  }

  private func measure(_ operation: Operation, _ type: any EntryStore.Type, for duration: Duration) throws -> Double {
    switch operation {
    case .load:
      return try measureLoad(type)
    case .set, .batch, .remove:
      return try measureWriting(operation, try store(type), type.name, for: duration)
    default:
      let store = try store(type)
      var nanoseconds = 0.0
      try store.withReader { nanoseconds = try measureReading(operation, $0, type.name, for: duration) }
      return nanoseconds
    }
  }

  private func measureReading(
    _ operation: Operation,
    _ reader: any EntryReader,
    _ name: String,
    for duration: Duration
  ) throws -> Double {
    let (entries, sample) = (entries, entries.sample)
    switch operation {
    case .get:
      return try nanosecondsPerCall(for: duration, batch: 1_000) { call in
        let index = call % sample.count
        try operation.check(try reader.get(index), sample[index] % EntrySet.valueCount, name)
      }
    case .scan:
      let total = entries.total
      let whole = try nanosecondsPerCall(for: duration, batch: 1) { _ in
        try operation.check(try reader.scan(), total, name)
      }
      return whole / Double(entries.count)
    case .prefix:
      return try nanosecondsPerCall(for: duration, batch: 10) { call in
        let group = sample[call % sample.count] % entries.groups
        try operation.check(try reader.countKeys(ofGroup: group), EntrySet.groupSize, name)
      }
    case .pattern:
      let whole = try nanosecondsPerCall(for: duration, batch: 1) { _ in
        try operation.check(try reader.countMatching(), entries.matching.count, name)
      }
      return whole / Double(entries.count)
    default:
      return try nanosecondsPerCall(for: duration, batch: 1) { _ in
        try operation.check(try reader.count(), entries.count, name)
      }
    }
  }

  private func measureWriting(
    _ operation: Operation,
    _ store: any EntryStore,
    _ name: String,
    for duration: Duration
  ) throws -> Double {
    switch operation {
    case .set:
      return try nanosecondsPerCall(for: duration, batch: 10) { try store.set($0) }
    case .batch:
      return try nanosecondsPerCall(for: duration, batch: 1) { try store.setBatch($0) } / Double(EntrySet.batchSize)
    default:
      let whole = try nanosecondsPerCall(for: duration, preparing: store.restoreMatching) {
        try operation.check(try store.removeMatching(), entries.matching.count, name)
      }
      try store.restoreMatching()
      return whole / Double(entries.count)
    }
  }

  /// Once, however long it takes: a second time would need another empty store.
  private func measureLoad(_ type: any EntryStore.Type) throws -> Double {
    var nanoseconds = 0.0
    try withEmptyStore(type) { store in
      let start = monotonicNanoseconds()
      try store.load()
      nanoseconds = Double(monotonicNanoseconds() - start)
    }
    return nanoseconds / Double(entries.count)
  }

  private func measureDecoding(_ type: any RecordStore.Type, for duration: Duration) throws -> Double {
    let count = min(entries.count, RecordKeys.largestCount)
    let (store, ages) = (try store(type, count: count), RecordKeys.ages(count))
    let whole = try nanosecondsPerCall(for: duration, batch: 1) { _ in
      try Operation.decodeScan.check(try store.decodeAll(), ages, type.name)
    }
    return whole / Double(count)
  }

  private func measureSweep(_ type: any SweepStore.Type, for duration: Duration) throws -> Double {
    let store = try store(type)
    return try nanosecondsPerCall(for: duration, preparing: store.expireBatch) {
      try Operation.sweep.check(try store.sweep(), EntrySet.batchSize, type.name)
    }
  }
}
