/// A living `MDB_txn`, without any proof that it lives: the shared ground of read and write transactions.
///
/// The layers above use it where a closure's scope would cost too much, and must then see to it themselves that the
/// transaction has not ended, that they are on its thread, and that bytes are not kept past the next write.
@unsafe package struct RawTransaction {
  let pointer: OpaquePointer

  package var id: UInt64 { unsafe Calls.transactionID(pointer) }

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
  }

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
    unsafe try Calls.delete(pointer, database, key, value: nil)
  }

  package func statistics(_ database: UInt32) throws(LMDBError) -> Database.Statistics {
    unsafe try Calls.statistics(pointer, database)
  }

  package func empty(_ database: UInt32) throws(LMDBError) {
    unsafe try Calls.empty(pointer, database)
  }

  package func openCursor(_ database: UInt32) throws(LMDBError) -> OpaquePointer {
    unsafe try Calls.openCursor(pointer, database)
  }
}

/// A living `MDB_cursor`. It must be closed before its transaction ends, and not used afterwards.
@unsafe package struct RawCursor {
  let pointer: OpaquePointer

  package init(_ transaction: RawTransaction, _ database: UInt32) throws(LMDBError) {
    unsafe pointer = try Calls.openCursor(transaction.pointer, database)
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
  }

  package func delete() throws(LMDBError) {
    unsafe try Calls.delete(pointer, [])
  }

  package func close() {
    unsafe Calls.closeCursor(pointer)
  }
}
