extension ScopeView {
  /// The first entries that a selection chooses, and what chooses the rest.
  ///
  /// ```swift
  /// let page = try view.page(.prefix("user:").after("user:041"), limit: 20)
  /// ```
  ///
  /// - Parameters:
  ///   - selection: which keys, and in which order.
  ///   - limit: how many entries at most, 1 or more.
  ///   - maxBytes: the page also ends with the entry that makes it so large, keys and stored values together. Nil: no
  ///     matter how large.
  /// - Throws: ``LMKVError`` with `invalidArgument`, `typeMismatch`, `corrupted`.
  public func page(_ selection: KeySelection = .all, limit: Int, maxBytes: Int? = nil) throws -> Page<Stored> {
    let name = name
    let collected = unsafe try collect(selection, limit: limit, maxBytes: maxBytes) { key, _, value in
      let key = unsafe String(decoding: key, as: UTF8.self)
      let value = unsafe try EntryReading.decode(Stored.self, from: value, key: key, in: name)
      return (key: key, value: value)
    }
    return Page(entries: collected.elements, next: collected.rest)
  }

  /// The first entry that a selection chooses. Nil when it chooses none.
  public func first(_ selection: KeySelection = .all) throws -> (key: String, value: Stored)? {
    try page(selection, limit: 1).entries.first
  }

  /// The last entry that a selection chooses: the first of its reverse.
  public func last(_ selection: KeySelection = .all) throws -> (key: String, value: Stored)? {
    try first(selection.reversed())
  }

  /// Reads entries until there are `limit` of them or they have `maxBytes`.
  func collect<Element>(
    _ selection: KeySelection,
    limit: Int,
    maxBytes: Int?,
    _ read: ScopeSequence<Element>.Read
  ) throws -> CollectedEntries<Element> {
    guard limit > 0, maxBytes ?? 1 > 0 else {
      throw LMKVError(.invalidArgument, "A page has at least one entry and one byte. Raise its limit or maxBytes.")
    }
    return try access.store.translatingErrors {
      let cursor = EntryCursor(access, binding, selection)
      try cursor.beginUse()
      defer { cursor.endUse() }
      var collected = CollectedEntries<Element>()
      var size = 0
      var lastKey: [UInt8] = []
      while collected.elements.count < limit, size < maxBytes ?? .max {
        guard let entry = unsafe try cursor.next() else { return collected }
        unsafe size += entry.key.count + entry.value.count
        lastKey = unsafe [UInt8](entry.key)
        collected.elements.append(unsafe try read(entry.key, entry.header, entry.value))
      }
      guard unsafe try cursor.next() != nil else { return collected }
      let rest = selection.after(lastKey)
      collected.rest = selection.limit.map { rest.limited(to: $0 - collected.elements.count) } ?? rest
      return collected
    }
  }
}

extension Scope {
  /// The first entries that a selection chooses, and what chooses the rest, in a snapshot of its own.
  ///
  /// ```swift
  /// let page = try users.page(.prefix("user:").after("user:041"), limit: 20)
  /// ```
  ///
  /// Each page is of its own moment: keys never repeat, but what is written between two pages may be missing or there.
  ///
  /// - Parameters:
  ///   - selection: which keys, and in which order.
  ///   - limit: how many entries at most, 1 or more.
  ///   - maxBytes: the page also ends with the entry that makes it so large, keys and stored values together. Nil: no
  ///     matter how large.
  /// - Throws: ``LMKVError`` with `invalidArgument`, `typeMismatch`, `corrupted`.
  public func page(_ selection: KeySelection = .all, limit: Int, maxBytes: Int? = nil) throws -> Page<Stored> {
    try store.read { try $0[self].page(selection, limit: limit, maxBytes: maxBytes) }
  }

  /// The first entry that a selection chooses. Nil when it chooses none.
  public func first(_ selection: KeySelection = .all) throws -> (key: String, value: Stored)? {
    try store.read { try $0[self].first(selection) }
  }

  /// The last entry that a selection chooses: the first of its reverse.
  public func last(_ selection: KeySelection = .all) throws -> (key: String, value: Stored)? {
    try store.read { try $0[self].last(selection) }
  }

  /// The keys that a selection chooses, in order, as a list. For very many of them, loop in a snapshot, or read pages.
  ///
  /// ```swift
  /// let names = try users.keys(.matching("user:user-*"))
  /// ```
  public func keys(_ selection: KeySelection = .all) throws -> [String] {
    try store.read { Array($0[self].keys(selection)) }
  }
}
