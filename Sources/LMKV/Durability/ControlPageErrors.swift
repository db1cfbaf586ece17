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
  /// Why the turn to write did not come.
  init(_ error: TurnError, _ path: String) {
    switch error {
    case .timedOut:
      self.init(
        .timedOut,
        "The store \(path) was not free to be written. \(error) Nothing was changed. Try again, wait longer, or look for "
          + "a transaction that takes long."
      )
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
