internal import LMDB

/// Finds out of each way out of doubt whether it can be taken, and what it would keep and lose.
struct RecoveryWeighing {
  let evidence: Evidence
  let recovery: Recovery

  func alternative(_ choice: RecoveryChoice) throws -> RecoveryReport.Alternative {
    switch choice {
    case .data:
      RecoveryReport.Alternative(
        choice: .data,
        keeps: "Everything that is in data.mdb, up to LMDB's transaction \(dataTransaction).",
        loses: "What is only in the log\(logBeyondData).",
        obstacle: try dataObstacle()
      )
    case .checkpoint:
      RecoveryReport.Alternative(
        choice: .checkpoint,
        keeps: kept,
        loses: "What is only in data.mdb\(dataBeyondLog).",
        obstacle: try checkpointObstacle()
      )
    }
  }

  // MARK: What is kept and lost

  private var dataTransaction: UInt64 { evidence.metas.first?.meta.transactionID ?? 0 }

  private var kept: String {
    guard let record = evidence.checkpoint.newest, !record.isClean else {
      return "Nothing: there is no such checkpoint."
    }
    let state = "The state of the checkpoint, LMDB's transaction \(record.transactionID)"
    guard evidence.loggedCount > 0 else { return "\(state), and nothing of the log." }
    return "\(state), and the log's transactions up to \(evidence.lastLogged(record))."
  }

  private var logBeyondData: String {
    guard let record = evidence.checkpoint.newest, evidence.loggedCount > 0 else { return "" }
    let (last, own) = (evidence.lastLogged(record), evidence.lastOwn(record))
    return last > own ? ": the transactions \(own + 1) to \(last)" : ": nothing, as far as the log can be read"
  }

  private var dataBeyondLog: String {
    guard let record = evidence.checkpoint.newest else { return "" }
    return dataTransaction > evidence.lastLogged(record) ? ": the transactions up to \(dataTransaction)" : ""
  }

  // MARK: What stands in the way

  private var newerVersion: String? {
    evidence.checkpoint.newerVersion == nil ? nil : "A newer version of LMKV wrote the checkpoint. Use that version."
  }

  private func dataObstacle() throws -> String? {
    if let newerVersion { return newerVersion }
    guard !evidence.metas.isEmpty else {
      return evidence.hasData ? "A meta page of data.mdb cannot be read." : "data.mdb is missing or empty."
    }
    guard !evidence.isRestoring else {
      return "A recovery that was interrupted has begun to put pages of the checkpoint back: data.mdb is a mixture."
    }
    return try recovery.damage().map { "data.mdb is damaged: \($0)" }
  }

  private func checkpointObstacle() throws -> String? {
    if let newerVersion { return newerVersion }
    guard let record = evidence.checkpoint.newest else { return "There is no checkpoint that can be read." }
    guard !record.isClean else {
      return "The newest checkpoint that can be read is of an earlier time, and its pages were not kept."
    }
    guard evidence.hasData else { return "data.mdb is missing or empty, and the pages of the checkpoint with it." }
    guard let mark = evidence.newestMark else {
      return evidence.metas.isEmpty
        ? "A meta page of data.mdb cannot be read, so that it cannot tell whether it still has the pages of the checkpoint."
        : "data.mdb does not say that it has the pages of the checkpoint."
    }
    // Of a meta page that cannot be read only the mark counts: the rest comes from the checkpoint.
    let newest = evidence.metas.first?.meta
    guard mark.lineage == record.lineage, newest?.pageSize ?? record.pageSize == record.pageSize else {
      return "The checkpoint is not of the same time as data.mdb, so that its pages are not in it."
    }
    guard mark.generation >= record.generation, newest?.transactionID ?? .max >= record.transactionID else {
      return "data.mdb is older than the checkpoint, so that the pages of the checkpoint are not in it."
    }
    guard evidence.verdict != .inDoubt(.damagedImages), !evidence.lacksImages(record) else {
      return "Pages that the file checkpoint had saved are missing from it or damaged."
    }
    do {
      return try TrialRestore(record, recovery.paths).damage().map {
        "Not all pages of the checkpoint are in data.mdb: \($0)"
      }
    } catch let error as LMDBError where error.isWantOfRoom {
      return "There is no room on the disk for a copy of data.mdb on which the checkpoint could be tried out."
    }
  }
}
