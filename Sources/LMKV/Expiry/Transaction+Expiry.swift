internal import LMDB

extension Transaction {
  /// Makes the index follow an entry whose expiry changes. It may leave a former one stale; it never leaves one out.
  func moveExpiry(
    of key: UnsafeRawBufferPointer,
    in scope: ScopeBinding,
    from former: Int64?,
    to new: Int64?
  ) throws {
    guard former != new, let databaseName = databaseName(of: scope) else { return }
    let index = unsafe try expiryIndexForWriting()
    if let former {
      unsafe try index.remove(databaseName, key, at: .init(former, of: key, in: databaseName), writer)
    }
    if let new {
      unsafe try index.add(databaseName, key, at: .init(new, of: key, in: databaseName), writer)
      expiringWrites += 1
      store.expirySchedule.note(new)
    }
  }

  /// The index, which is created in a store that has none, because its format was made before there was one.
  private func expiryIndexForWriting() throws -> ExpiryIndex {
    if let index = unsafe try expiryIndex() { return unsafe index }
    return unsafe try ExpiryIndex(transaction: living(), database: createDatabase(ExpiryIndex.databaseName))
  }

  // MARK: Sweeping

  /// What a sweep did.
  struct Swept {
    /// Entries that were removed.
    var removed = 0
    /// Pairs of the index that were looked at: the removed entries, and those that were stale.
    var handled = 0
    /// The earliest expiry that is left.
    var earliest: Int64?
  }

  /// Removes what has expired, earliest first, at most `limit` pairs of the index and those that share the last place.
  func sweepExpired(limit: Int) throws -> Swept {
    guard let index = unsafe try expiryIndex() else { return Swept() }
    suspendCursors()
    hasSwept = true
    let raw = unsafe try living()
    var swept = Swept()
    let cursor = unsafe try RawCursor(raw, index.database)
    defer { unsafe cursor.close() }
    while let entry = unsafe try cursor.move(.first) {
      let place = unsafe try ExpiryIndex.place(entry.key)
      guard place.expiry <= now, swept.handled < limit else {
        swept.earliest = place.expiry
        break
      }
      // Copies, because deleting moves the pages on which the pairs lie.
      let pairs = unsafe try ExpiryIndex.Pairs.read(entry.value).map { pair in
        unsafe (String(decoding: pair.databaseName, as: UTF8.self), [UInt8](pair.key))
      }
      for (databaseName, key) in pairs {
        swept.handled += 1
        if try removeExpired(databaseName, key, expiry: place.expiry) { swept.removed += 1 }
      }
      _ = unsafe try place.withBytes { unsafe try raw.delete($0, in: index.database) }
      didWrite()
    }
    store.expirySchedule.looked(at: now, earliest: swept.earliest)
    return swept
  }

  /// Removes an entry if its expiry is the one of the index.
  private func removeExpired(_ databaseName: String, _ key: [UInt8], expiry: Int64) throws -> Bool {
    guard let database = try openDatabase(databaseName) else { return false }
    let raw = unsafe try living()
    return unsafe try key.withUnsafeBytes { key in
      guard let entry = unsafe try raw.get(key, in: database), let header = unsafe EntryHeader(entry),
        header.expiry == expiry
      else { return false }
      return unsafe try raw.delete(key, in: database)
    }
  }

  /// Removes a little of what has expired, for a transaction that commits anyway: about twice what it adds, so that
  /// writers keep up with themselves.
  func sweepInPassing() throws {
    let schedule = store.expirySchedule
    guard !hasSwept, schedule.isDue(at: now), let index = unsafe try expiryIndex() else { return }
    var earliest = unsafe try index.earliest()
    if let due = earliest, due <= now {
      do {
        // In a savepoint, so that the transaction's own work does not depend on it.
        earliest = try savepoint { try sweepExpired(limit: max(16, 2 * expiringWrites)) }.earliest
      } catch let error as LMDBError where [.mapFull, .transactionFull, .databasesFull].contains(error.code) {
        // No room for it beside the transaction's own work: it can wait, and a sweep of its own will say so.
        earliest = nil
      }
    }
    schedule.looked(at: now, earliest: earliest)
  }
}

extension Store {
  /// Whether it is time to look for what has expired, to a tick of the system's clock.
  var isSweepDue: Bool { expirySchedule.isDue(at: configuration.clock.roughly()) }
}

extension Snapshot {
  /// The index, as far as this process has it open and the snapshot can see it.
  final func expiryIndex() throws -> ExpiryIndex? {
    guard let number = try expiryDatabase() else { return nil }
    return unsafe try ExpiryIndex(transaction: living(), database: number)
  }
}
