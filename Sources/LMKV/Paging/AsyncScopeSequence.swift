/// What a scope holds, for asynchronous loops: read page by page, in the order of the keys.
///
/// ```swift
/// for try await (name, user) in users.async.entries(.prefix("user:")) {
///   try await send(user)
/// }
/// ```
///
/// Each page is read in a snapshot of its own, which ends before its first element is given out. So nothing is held
/// open while the loop's body waits, however long, and the space of what others overwrite can be used again. The price:
/// the loop is not of one moment. A key that is there all the time is given out once, none is given out twice, and what
/// is written or removed meanwhile may be given out or not. For one moment, use ``AsyncStore/read(_:)``.
///
/// Each loop over it begins anew. An error ends it. It ends with `CancellationError` where a page is due and the task is
/// cancelled.
public struct AsyncScopeSequence<Element: Sendable>: AsyncSequence, Sendable {
  let selection: KeySelection
  /// Reads a page in a snapshot of its own.
  let read: @Sendable (KeySelection) throws -> CollectedEntries<Element>

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(rest: selection, read: read)
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var page: [Element] = []
    fileprivate var index = 0
    fileprivate var rest: KeySelection?
    fileprivate let read: @Sendable (KeySelection) throws -> CollectedEntries<Element>

    fileprivate init(rest: KeySelection, read: @escaping @Sendable (KeySelection) throws -> CollectedEntries<Element>) {
      self.rest = rest
      self.read = read
    }

    public mutating func next() async throws -> Element? {
      while index == page.count {
        guard let selection = rest.take() else { return nil }
        let read = read
        let collected = try await BlockingThreads.run { try read(selection) }
        (page, index, rest) = (collected.elements, 0, collected.rest)
      }
      defer { index += 1 }
      return page[index]
    }
  }
}

extension AsyncScope {
  /// Keys and values that a selection chooses, in the order of the keys, read page by page.
  ///
  /// - Parameters:
  ///   - selection: which keys, and in which order.
  ///   - pageSize: how many entries are read at once, at most.
  ///   - pageBytes: a page also ends with the entry that makes it so large.
  public func entries(
    _ selection: KeySelection = .all,
    pageSize: Int = 256,
    pageBytes: Int = 1 << 20
  ) -> AsyncScopeSequence<(key: String, value: Stored)> {
    let scope = scope
    return AsyncScopeSequence(selection: selection) { selection in
      let page = try scope.page(selection, limit: pageSize, maxBytes: pageBytes)
      return CollectedEntries(elements: page.entries, rest: page.next)
    }
  }

  /// The values of the keys that a selection chooses, in the order of the keys. See ``entries(_:pageSize:pageBytes:)``.
  public func values(
    _ selection: KeySelection = .all,
    pageSize: Int = 256,
    pageBytes: Int = 1 << 20
  ) -> AsyncScopeSequence<Stored> {
    let scope = scope
    return AsyncScopeSequence(selection: selection) { selection in
      let page = try scope.page(selection, limit: pageSize, maxBytes: pageBytes)
      return CollectedEntries(elements: page.entries.map(\.value), rest: page.next)
    }
  }

  /// The keys that a selection chooses, in order. See ``entries(_:pageSize:pageBytes:)``.
  public func keys(
    _ selection: KeySelection = .all,
    pageSize: Int = 256,
    pageBytes: Int = 1 << 20
  ) -> AsyncScopeSequence<String> {
    let scope = scope
    return AsyncScopeSequence(selection: selection) { selection in
      try scope.store.read { snapshot in
        unsafe try snapshot[scope].collect(selection, limit: pageSize, maxBytes: pageBytes) { key, _, _ in
          unsafe String(decoding: key, as: UTF8.self)
        }
      }
    }
  }

  /// The first entries that a selection chooses, and what chooses the rest. See ``Scope/page(_:limit:maxBytes:)``.
  public func page(
    _ selection: KeySelection = .all,
    limit: Int,
    maxBytes: Int? = nil
  ) async throws -> Page<Stored> {
    let scope = scope
    return try await scope.store.async.read { try $0[scope].page(selection, limit: limit, maxBytes: maxBytes) }
  }
}
