/// A living `MDB_txn`, without any proof that it lives: the shared ground of read and write transactions.
///
/// The layers above use it where a closure's scope would cost too much, and must then see to it themselves that the
/// transaction has not ended, that they are on its thread, and that bytes are not kept past the next write.
@unsafe package struct RawTransaction {
  let pointer: OpaquePointer
  /// Who notes what is changed, if anybody does. The environment's, which outlives its transactions.
  let recorder: Unmanaged<ChangeRecorder>?

  package var id: UInt64 { unsafe Calls.transactionID(pointer) }

  /// How many pages the file has with what this write transaction adds, if the committed ones are so many.
  ///
  /// LMDB has no function for that. The number stands in front of the transaction's ID in `MDB_txn`, behind two pointers, in
  /// every LMDB 0.9; it is believed only where the ID is found beside it. Nil where it is not.
  func pageCount(from committed: UInt64) -> UInt64? {
    let words = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt64.self)
    let (next, transaction) = unsafe (words[2], words[3])
    return unsafe transaction == id && next >= committed ? next : nil
  }

  @inline(__always)
  package func get(_ key: UnsafeRawBufferPointer, in database: UInt32) throws(LMDBError) -> UnsafeRawBufferPointer? {
    unsafe try Calls.get(pointer, database, key)
  }

  @inline(__always)
  package func put(
    _ value: UnsafeRawBufferPointer,
    for key: UnsafeRawBufferPointer,
    in database: UInt32,
    _ flags: WriteFlags = []
  ) throws(LMDBError) {
    unsafe try Calls.put(pointer, database, key, value, flags)
    if let recorder = unsafe recorder {
      unsafe recorder._withUnsafeGuaranteedRef { unsafe $0.put(key, value, in: database) }
    }
  }

  /// Room for a value, to be filled before the next call. It is not recorded.
  @inline(__always)
  package func reserve(
    _ size: Int,
    for key: UnsafeRawBufferPointer,
    in database: UInt32,
    _ flags: WriteFlags = []
  ) throws(LMDBError) -> UnsafeMutableRawBufferPointer {
    unsafe try Calls.reserve(pointer, database, key, size: size, flags)
  }

  package func delete(_ key: UnsafeRawBufferPointer, in database: UInt32) throws(LMDBError) -> Bool {
    let wasThere = unsafe try Calls.delete(pointer, database, key, value: nil)
    if wasThere, let recorder = unsafe recorder {
      unsafe recorder._withUnsafeGuaranteedRef { unsafe $0.delete(key, in: database) }
    }
    return wasThere
  }

  package func statistics(_ database: UInt32) throws(LMDBError) -> Database.Statistics {
    unsafe try Calls.statistics(pointer, database)
  }

  package func empty(_ database: UInt32) throws(LMDBError) {
    unsafe try Calls.empty(pointer, database)
    if let recorder = unsafe recorder { unsafe recorder._withUnsafeGuaranteedRef { $0.empty(database) } }
  }

  package func openCursor(_ database: UInt32) throws(LMDBError) -> OpaquePointer {
    unsafe try Calls.openCursor(pointer, database)
  }
}

/// A living `MDB_cursor`. It must be closed before its transaction ends, and not used afterwards.
@unsafe package struct RawCursor {
  let pointer: OpaquePointer
  private let database: UInt32
  private let recorder: Unmanaged<ChangeRecorder>?

  package init(_ transaction: RawTransaction, _ database: UInt32) throws(LMDBError) {
    unsafe pointer = try Calls.openCursor(transaction.pointer, database)
    unsafe self.database = database
    unsafe recorder = unsafe transaction.recorder
  }

  @inline(__always)
  package func move(_ move: CursorMove, _ key: UnsafeRawBufferPointer? = nil) throws(LMDBError) -> RawEntry? {
    unsafe try Calls.move(pointer, move, key: key)
  }

  package func put(
    _ value: UnsafeRawBufferPointer,
    for key: UnsafeRawBufferPointer,
    _ flags: WriteFlags
  ) throws(LMDBError) {
    unsafe try Calls.put(pointer, key: key, value: value, flags)
    if let recorder = unsafe recorder {
      unsafe recorder._withUnsafeGuaranteedRef { unsafe $0.put(key, value, in: database) }
    }
  }

  package func delete() throws(LMDBError) {
    guard let recorder = unsafe recorder, let entry = unsafe try Calls.move(pointer, .current) else {
      return unsafe try Calls.delete(pointer, [])
    }
    // The key lies in the page that it is deleted from.
    let key = unsafe [UInt8](entry.key)
    unsafe try Calls.delete(pointer, [])
    unsafe recorder._withUnsafeGuaranteedRef { recorder in
      unsafe key.withUnsafeBytes { unsafe recorder.delete($0, in: database) }
    }
  }

  package func close() {
    unsafe Calls.closeCursor(pointer)
  }
}
