/// What a scope holds, one at a time, in the order of the keys.
///
/// Each loop over it begins anew. It is of use only until the closure of its snapshot or transaction returns. An error
/// ends it, and is thrown by that closure's owner; ``forEach(_:)`` throws it at once.
@safe public struct ScopeSequence<Element>: Sequence {
  typealias Read = (UnsafeRawBufferPointer, EntryHeader, UnsafeRawBufferPointer) throws -> Element

  let snapshot: Snapshot
  let scope: ScopeBinding
  let selection: KeySelection
  let read: Read

  public func makeIterator() -> Iterator {
    unsafe Iterator(snapshot: snapshot, cursor: EntryCursor(snapshot, scope, selection), read: read)
  }

  /// Gives each element to `body`; throws at once what goes wrong, in the store or in `body`.
  public func forEach(_ body: (Element) throws -> Void) throws {
    try snapshot.store.translatingErrors {
      let cursor = EntryCursor(snapshot, scope, selection)
      while unsafe try cursor.next({ unsafe try body(read($0, $1, $2)) }) != nil {}
    }
  }

  @safe public struct Iterator: IteratorProtocol {
    fileprivate let snapshot: Snapshot
    fileprivate let cursor: EntryCursor
    fileprivate let read: Read

    public mutating func next() -> Element? {
      do {
        return try snapshot.store.translatingErrors { unsafe try cursor.next(read) }
      } catch {
        snapshot.fail(with: error)
        return nil
      }
    }
  }
}

extension Snapshot {
  /// Notes an error that could not be thrown where it happened.
  final func fail(with error: any Error) {
    if failure == nil { failure = error }
  }
}
