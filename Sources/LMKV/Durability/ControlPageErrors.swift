internal import ControlPage
internal import LMDB
internal import LMDBPlatform

extension LMDBError {
  /// What the control page refused, as far as it has a number.
  init(_ error: ControlPageError) {
    switch error {
    case .system(let code, let doing): self.init(.init(rawValue: code), doing)
    case .forked: self.init(.forked, "use the control page")
    case .noThread(let code): self.init(.noThread, "start a thread (errno \(code))")
    case .otherNamespace(let path): self.init(.otherNamespace, "open \(path)")
    case .otherVersion, .full, .damaged: self.init(.init(rawValue: EBUSY), error.description)
    }
  }
}

extension LMKVError {
  /// A write that has not begun, because others did not get done.
  ///
  /// - Parameter holder: who had the turn to write in the end. Nil: nobody, or nobody can tell.
  static func timedOut(_ path: String, after timeout: Duration, _ holder: TurnHolder?) -> Self {
    let what = timeout > .zero ? "could not be written within \(timeout)" : "cannot be written now"
    let isOwn = holder?.member.processID == getpid()
    let who = holder.map { isOwn ? "this \($0)" : "\($0)" } ?? "other transactions come first"
    let advice =
      isOwn
      ? "Look for a transaction that takes long, or for another LMDB program that it waits for"
      : "If that was stopped, continue or end it"
    return Self(
      .timedOut,
      "The store \(path) \(what): \(who). Nothing was changed. \(advice); or try again, and wait longer (timeout:, "
        + "Configuration.writeTimeout, lmkv --timeout)."
    )
  }

  /// Why the turn to write did not come.
  init(_ error: TurnError, _ path: String) {
    switch error {
    case .timedOut(let timeout):
      self = .timedOut(path, after: timeout.waited, timeout.holder)
    case .takenTwice:
      self.init(
        .nestedTransaction,
        "A transaction on the store \(path) was begun inside another one of the same thread."
      )
    case .broken:
      self.init(.inputOutput, "The store \(path) cannot be written. \(error)")
    case .forked:
      self.init(.forked, "This process was forked after it had opened the store \(path). Start processes with exec.")
    }
  }
}
