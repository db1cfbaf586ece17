/// What a scope holds, one at a time, in the order of the keys.
///
/// Each loop over it begins anew. It is of use only until the closure of its snapshot or transaction returns: a loop
/// afterwards stops the process, because it could neither throw nor find anything. An error ends it, and is thrown by
/// that closure's owner; ``forEach(_:)`` throws it at once.
@safe public struct ScopeSequence<Element>: Sequence {
  @usableFromInline
  typealias Read = (UnsafeRawBufferPointer, EntryHeader, UnsafeRawBufferPointer) throws -> Element

  let snapshot: Snapshot
  let scope: ScopeBinding
  let selection: KeySelection
  @usableFromInline let read: Read

  @inlinable
  public func makeIterator() -> Iterator {
    unsafe Iterator(cursor: makeCursor(), read: read)
  }

  /// Gives each element to `body`; throws at once what goes wrong, in the store or in `body`.
  @inlinable
  public func forEach(_ body: (Element) throws -> Void) throws {
    let cursor = makeCursor()
    while let element = unsafe try cursor.next(read) { try body(element) }
  }

  @usableFromInline
  func makeCursor() -> EntryCursor { EntryCursor(snapshot, scope, selection) }

  @safe public struct Iterator: IteratorProtocol {
    @usableFromInline let cursor: EntryCursor
    @usableFromInline let read: Read

    @inlinable
    init(cursor: EntryCursor, read: @escaping Read) {
      self.cursor = cursor
      unsafe self.read = unsafe read
    }

    @inlinable
    public mutating func next() -> Element? {
      do {
        return unsafe try cursor.next(read)
      } catch {
        cursor.fail(with: error)
        return nil
      }
    }
  }
}

extension EntryCursor {
  @usableFromInline
  func fail(with error: any Error) { snapshot.fail(with: error) }
}

extension Snapshot {
  /// Notes an error that could not be thrown where it happened.
  final func fail(with error: any Error) {
    requireNotEnded()
    if failure == nil { failure = error }
  }

  /// Stops the process where something is used after its end that cannot throw, and whose failure nobody would be told.
  ///
  /// By `fatalError`, because a precondition keeps its sentence to itself in a release build.
  final func requireNotEnded() {
    if isEnded { fatalError(Self.ended.message) }
  }
}
