internal import LMDB

extension Store {
  /// Says what state a store is in, by its files and locks, without opening it.
  ///
  /// Nothing is opened, locked or changed. Where the store is in doubt this takes as long as reading the data file twice,
  /// and as much room on the disk as the data file has, for a copy that only this call sees: on that it is tried out
  /// whether the checkpoint can be restored.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - weighingChoices: whether ``RecoveryReport/choices`` are wanted.
  /// - Throws: ``LMKVError`` with `notFound`, `notADirectory`, `permissionDenied`, `notAStore`, `inputOutput`.
  public static func recoveryReport(path: String, weighingChoices: Bool = true) throws -> RecoveryReport {
    do {
      return try RecoveryLook(path).report(weighingChoices: weighingChoices)
    } catch let error as LMDBError {
      throw ErrorTranslation(path: path, maxSize: nil)(error)
    }
  }

  /// Puts a store in order that nobody has open.
  ///
  /// Without doubt this is what opening the store for writing does as well, and `choice` does not matter. A store in doubt is
  /// left as it is unless there is a choice; see ``recoveryReport(path:weighingChoices:)``.
  ///
  /// ```swift
  /// let outcome = try Store.recover(path: "/var/lib/app/state", choosing: .data)
  /// ```
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - choice: what to do if the store is in doubt.
  ///   - keepingCopy: whether `data.mdb`, `checkpoint` and `redo` are copied into the directory `before-recovery` of the
  ///     store first, if a choice is carried out. That directory can be opened, or recovered otherwise, as a store.
  /// - Throws: ``LMKVError`` with `storeInUse` or `busy` while a process has the store open; `inDoubt` without a choice, and when the
  ///   choice cannot be carried out; `diskFull` when there is no room for the copy; `storeExists` when there is such
  ///   a copy already; and as ``init(path:configuration:)``. Nothing is changed then.
  @discardableResult
  public static func recover(
    path: String,
    choosing choice: RecoveryChoice? = nil,
    keepingCopy: Bool = true
  ) throws -> RecoveryOutcome {
    do {
      return try RecoveryRun(RecoveryLook(path)).run(choice, keepingCopy: keepingCopy)
    } catch let error as LMDBError where error.code.rawValue == RecoveryRun.inUse {
      throw LMKVError.inUse(path, cause: error)
    } catch let error as LMDBError {
      throw ErrorTranslation(path: path, maxSize: nil)(error)
    }
  }
}

extension LMKVError {
  /// Why a store is not recovered now.
  package static func inUse(_ path: String, cause: (any Error)? = nil) -> LMKVError {
    LMKVError(
      .storeInUse,
      "The store \(path) is not recovered, because a process has it open. Close it everywhere first; the last one to close "
        + "it leaves it in order.",
      cause: cause
    )
  }
}
