internal import LMDB

extension ScopeView {
  /// What ``entries(_:)`` gives, each with its revision and its expiry.
  ///
  /// ```swift
  /// for entry in view.fullEntries(.prefix("user:")) { print(entry.key, entry.revision) }
  /// ```
  public func fullEntries(_ selection: KeySelection = .all) -> ScopeSequence<Entry<Stored>> {
    let name = name
    return unsafe ScopeSequence(snapshot: access, scope: binding, selection: selection) { key, header, value in
      let key = unsafe String(decoding: key, as: UTF8.self)
      let decoded = unsafe try EntryReading.decode(Stored.self, from: value, key: key, in: name)
      return Entry(key: key, value: decoded, header)
    }
  }
}
