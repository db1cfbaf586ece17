internal import LMDB
internal import LMDBPlatform

extension Store {
  /// Looks at every page of a store and every entry in it, and says what is wrong.
  ///
  /// ```swift
  /// let report = try Store.check(path: "/var/lib/app/state")
  /// guard report.isSound else { … }
  /// ```
  ///
  /// Nothing that is read is trusted, and nothing goes through LMDB: a store that cannot be opened any more, or on which
  /// LMDB would stop the process, can be checked as well. Nothing is changed or repaired, and writers need not wait. Of a
  /// store that is being written to one state is checked; a snapshot then keeps its pages from being used again. Otherwise
  /// nothing is opened, locked or created.
  ///
  /// What is checked: each page up to the last one is used exactly once or free exactly once; pages, keys and counts agree
  /// with each other; the list of scopes, the headers of entries and the index of expiries; and that each value is one
  /// well-formed item of CBOR. A value that is well formed, and another one than was stored, is not found: there are no
  /// checksums. Where no process has the store open, the checkpoint and the log are looked at as well, and whether the files
  /// contradict each other. A store that was not closed is checked as it is, and a note says that it will be recovered;
  /// after a power failure recover it first.
  ///
  /// Takes about as long as reading the file, blocks its thread for that time, and needs memory for a bit for each page
  /// and for the largest value.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - progress: called now and then. What it throws ends the check.
  /// - Throws: ``LMKVError`` with `notFound`, `notADirectory`, `permissionDenied`, `inputOutput` where nothing can be
  ///   read, and `busy` or others where a store that is being written to cannot be opened; and what `progress` throws.
  ///   Damage is not thrown but reported.
  public static func check(
    path: String,
    progress: (CheckProgress) throws -> Void = { _ in }
  ) throws -> CheckReport {
    let errors = ErrorTranslation(path: path, maxSize: nil)
    do {
      var report = try StateCheck(path: path, errors: errors).run(progress)
      try RecoveryCheck(RecoveryLook(path)).add(to: &report)
      return report
    } catch let error as LMDBError {
      throw errors(error)
    }
  }
}

/// Finds a state of a store that stays while it is checked.
private struct StateCheck {
  let path: String
  let errors: ErrorTranslation

  /// Others committed so much that pages of the state may have been used again.
  private struct Disturbed: Error {}

  func run(_ progress: (CheckProgress) throws -> Void) throws -> CheckReport {
    let file = try StoreFile("\(path)/data.mdb", O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    do {
      return try undisturbed(file, progress)
    } catch is Disturbed {
      return try pinned(file, progress)
    }
  }

  /// Without a snapshot, so that a store can be checked that cannot be opened. LMDB does not use a page again before the
  /// second commit after the one that freed it, so that one commit meanwhile does no harm.
  private func undisturbed(_ file: StoreFile, _ progress: (CheckProgress) throws -> Void) throws -> CheckReport {
    guard let meta = try StateLook.newest(file) else { return try StateLook(path: path).report(file, nil, progress) }
    func expectNoOther() throws {
      guard let now = try StateLook.newest(file), now.transactionID <= meta.transactionID + 1 else { throw Disturbed() }
    }
    let report = try StateLook(path: path).report(file, meta) {
      try expectNoOther()
      try progress($0)
    }
    try expectNoOther()
    return report
  }

  private func pinned(_ file: StoreFile, _ progress: (CheckProgress) throws -> Void) throws -> CheckReport {
    var configuration = Store.Configuration(access: .readOnly)
    // Nothing but a snapshot is wanted, so that this process may have the store open with any options.
    configuration.maxScopes = 1
    let environment = try StoreOpening(path: path, configuration: configuration, errors: errors).open()
    let snapshot = try environment.beginSnapshot()
    // The snapshot keeps the pages of its own state and of all later ones.
    guard let meta = try StateLook.newest(file), meta.transactionID >= snapshot.id else {
      throw LMDBError(.init(rawValue: EBUSY), "read \(file.path)")
    }
    let report = try StateLook(path: path).report(file, meta, progress)
    _ = snapshot
    return report
  }
}
