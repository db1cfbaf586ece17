import Harness

var allEntryStores: ContenderList<any EntryStore.Type> {
  ContenderList([LMKVStore.self, LMKVLentStore.self, FloorStore.self, SQLiteStore.self]) { $0.name }
}

var allRecordStores: [any RecordStore.Type] { [LMKVRecords.self, SQLiteRecords.self] }

var allSweepStores: [any SweepStore.Type] { [LMKVSweep.self, SQLiteSweep.self] }

/// What ratios are relative to.
let floorName = FloorStore.name
let rivalName = SQLiteStore.name
