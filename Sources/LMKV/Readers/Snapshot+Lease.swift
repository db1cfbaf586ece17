internal import LMDB

extension Snapshot {
  /// Has somebody end the snapshot when it is too old.
  final func watch(_ lease: SnapshotLease) {
    guard let limit = store.configuration.maxSnapshotAge,
      let persistence = environment.companion as? Persistence
    else { return }
    persistence.readerWatch.start(environment, persistence)
    persistence.readerWatch.add(lease, limit: limit)
  }

  final func retire(_ lease: SnapshotLease) {
    lease.finish()
    (environment.companion as? Persistence)?.readerWatch.remove(lease)
  }
}

extension ScopeView {
  /// Until the end of the use nobody else ends the snapshot, and what lies in the map stays.
  ///
  /// - Throws: ``LMKVError`` with `snapshotTooOld` when it was ended already.
  @usableFromInline
  func beginUse() throws { try access.lease?.enter() }

  @usableFromInline
  func endUse() { access.lease?.leave() }
}

extension EntryCursor {
  /// What `read` makes of the next entry in its place in the map, while the snapshot is in use. Nil at the end.
  @inlinable
  func next<Element>(_ read: ScopeSequence<Element>.Read) throws -> Element? {
    try beginUse()
    defer { endUse() }
    guard let entry = unsafe try next() else { return nil }
    return unsafe try read(entry.key, entry.header, entry.value)
  }

  @usableFromInline
  func beginUse() throws { try snapshot.lease?.enter() }

  @usableFromInline
  func endUse() { snapshot.lease?.leave() }
}
