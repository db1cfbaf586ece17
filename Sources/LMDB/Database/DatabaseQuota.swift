/// How many named databases, of those whose names begin with a prefix, a process can have open.
package struct DatabaseQuota: Hashable, Sendable {
  private let prefix: String
  private let limit: Int

  package init(prefix: String, limit: Int) {
    self.prefix = prefix
    self.limit = limit
  }

  /// Throws `databasesFull` where a database of that name would be one too many.
  func check(_ name: String, beside opened: some Sequence<ExactString>) throws(LMDBError) {
    guard covers(name), opened.lazy.filter({ covers($0.text) }).count >= limit else { return }
    throw LMDBError(.databasesFull, "\"\(name)\" would be one more than the limit of \(limit)")
  }

  private func covers(_ name: String) -> Bool { name.utf8.starts(with: prefix.utf8) }
}
