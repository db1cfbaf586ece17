/// The versions of one key, in the order in which they came to be: version 0 is the absent key, and version n has the
/// writer with the index n - 1.
struct VersionOrder {
  /// The IDs of the records that wrote the versions. Nil where nobody knows.
  var writers: [Int?] = []

  /// Who wrote a version. Nil for version 0, and where nobody knows.
  func writer(of version: Int) -> Int? {
    version > 0 && version <= writers.count ? writers[version - 1] : nil
  }

  /// The first known writer of a version after this one.
  func writer(after version: Int) -> (version: Int, id: Int)? {
    for next in max(0, version)..<max(version, writers.count, 0) {
      if let id = writers[next] { return (next + 1, id) }
    }
    return nil
  }
}
