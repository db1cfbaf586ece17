public import LMDB

extension Environment {
  /// All entries of a named DB. Nil when there is none.
  public func entries(_ name: String) throws -> [String: [UInt8]]? {
    guard let database = try openDatabase(name) else { return nil }
    return try read { transaction in
      var entries: [String: [UInt8]] = [:]
      let count = try transaction.withCursor(in: database) { cursor in
        var count = 0
        var isThere = try cursor.first()
        while isThere {
          if let key = try cursor.key(), let value = try cursor.value() {
            entries[String(decoding: key, as: UTF8.self)] = value
            count += 1
          }
          isThere = try cursor.next()
        }
        return count
      }
      let promised = Int(try transaction.statistics(of: database).entries)
      guard count == promised, entries.count == count else {
        throw Fault("corrupt: \(name) has not as many entries as it says")
      }
      return entries
    }
  }
}
