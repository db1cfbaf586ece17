// What a caller is told where nobody can tell it whether its write stays.
extension LMKVError {
  private static let wayOut =
    "Close the store in all processes, open it again, and look before you repeat anything."

  /// After a commit that failed, when what was to make good for that has failed, too.
  static func outcomeUnknown(_ path: String, _ first: any Error, _ second: any Error) -> LMKVError {
    LMKVError(
      .outcomeUnknown,
      "A commit to the store \(path) failed (\(first)), and then what was to make good for it (\(second)): whether it is "
        + "there after a restart cannot be told. \(wayOut)",
      cause: first
    )
  }

  /// After a commit that others see, and that did not come to the disk.
  static func outcomeUnknown(_ path: String, unsynced error: any Error) -> LMKVError {
    if let error = error as? LMKVError, error.code == .outcomeUnknown { return error }
    return LMKVError(
      .outcomeUnknown,
      "A commit to the store \(path) was made, and could not be brought to the disk (\(error)): others may have seen it, and "
        + "whether it is there after a restart cannot be told. \(wayOut)",
      cause: error
    )
  }

  /// After a write was given to another process, of which nothing more is heard.
  static func outcomeUnknown(_ path: String, handedOver error: any Error) -> LMKVError {
    if let error = error as? LMKVError, error.code == .outcomeUnknown { return error }
    return LMKVError(
      .outcomeUnknown,
      "Another process had taken over a write to the store \(path), and what became of it could not be found out "
        + "(\(error)). Look at the entry before you repeat it.",
      cause: error
    )
  }

  /// After a deadline. Whoever has the write in hand may still commit it, and nobody can take it back.
  static func outcomeUnknown(inHandOf process: String?, _ path: String) -> LMKVError {
    LMKVError(
      .outcomeUnknown,
      "A process that had taken over a write to the store \(path) does not go on: \(process ?? "another process"). The write "
        + "may still be done when it does. Continue or end that process, and look at the entry before you repeat the write."
    )
  }

  /// After the death of the process that had taken a write over.
  static func outcomeUnknown(evidenceGone path: String) -> LMKVError {
    LMKVError(
      .outcomeUnknown,
      "A process that had taken over a write to the store \(path) died in its commit, and another LMDB program has removed "
        + "the evidence of whether it was done. Look at the entry before you repeat it."
    )
  }
}
