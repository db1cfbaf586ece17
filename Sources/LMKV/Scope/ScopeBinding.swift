internal import Synchronization

/// Where a scope was found last: the handle of its named DB, as of a generation of the catalog.
final class ScopeBinding: Sendable {
  let name: String
  // The generation in the upper 48 bits, the handle in the lower 16; zero is unknown. One word, so that both always
  // belong together.
  private let word = Atomic<UInt64>(0)

  /// Why the scope cannot be used at all.
  private let problem: LMKVError?

  /// The named DB of what is no scope of a user and in no catalog, but is kept in the same way.
  let ownDatabase: String?

  init(_ name: String, problem: LMKVError? = nil, ownDatabase: String? = nil) {
    self.name = name
    self.problem = problem
    self.ownDatabase = ownDatabase
  }

  /// Throws what is wrong with the name, or with the place where the scope is used.
  func check() throws(LMKVError) {
    if let problem { throw problem }
    if ownDatabase != nil { return }
    try ScopeName.check(name)
  }

  @inline(__always)
  func database(at generation: UInt64) -> UInt32? {
    let word = word.load(ordering: .relaxed)
    return word >> 16 == generation && word != 0 ? UInt32(word & 0xFFFF) : nil
  }

  func bind(_ database: UInt32, at generation: UInt64) {
    guard database <= 0xFFFF, generation < 1 << 48 else { return }
    word.store(generation << 16 | UInt64(database), ordering: .relaxed)
  }
}

extension LMKVError {
  static func scopeOfAnotherStore(_ name: String) -> LMKVError {
    LMKVError(
      .invalidArgument,
      "The scope \"\(name)\" of another store was used in a snapshot or transaction of this one. Use a scope of its store."
    )
  }
}
