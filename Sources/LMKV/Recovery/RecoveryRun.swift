internal import LMDB
internal import LMDBPlatform

/// Recovers a store that nobody has open, and carries out what somebody has chosen where it is in doubt.
struct RecoveryRun {
  /// The code of the error while a process has the store open.
  static let inUse = EBUSY

  private let look: RecoveryLook

  init(_ look: RecoveryLook) {
    self.look = look
  }

  func run(_ choice: RecoveryChoice?, keepingCopy: Bool) throws -> RecoveryOutcome {
    try EnvironmentFiles(directory: look.paths.directory).whileUnused { work in
      try work.during { try runAlone(choice, keepingCopy: keepingCopy) }
    }
  }

  private func runAlone(_ choice: RecoveryChoice?, keepingCopy: Bool) throws -> RecoveryOutcome {
    TrialRestore.removeStray(look.paths)
    guard let evidence = try look.evidence() else { throw used }
    let report = try look.report(evidence, weighingChoices: false)
    guard report.state != .clean else {
      try mend(evidence)
      return outcome(.wasClean, report, nil)
    }
    guard let exclusive = try ExclusiveUse(directory: look.paths.directory) else { throw used }
    defer { withExtendedLifetime(exclusive) {} }
    do {
      let done = try decide(choice, evidence, report, keepingCopy: keepingCopy)
      try mend(evidence)
      return done
    } catch let error as LMDBError where error.isOfSystem {
      // It may have been a sync: whoever comes next is to write anew what the kernel takes for written. Without a page to
      // leave that on there is nothing more to do than to say what failed.
      _ = try? SharedState.leaveBroken(look.paths.control)
      throw error
    }
  }

  private func decide(
    _ choice: RecoveryChoice?,
    _ evidence: Evidence,
    _ report: RecoveryReport,
    keepingCopy: Bool
  ) throws -> RecoveryOutcome {
    guard let doubt = report.doubt else { return outcome(try look.recovery.run(), report, nil) }
    guard let choice else { throw look.recovery.refusal(doubt) }
    return try carryOut(choice, evidence, report, keepingCopy: keepingCopy)
  }

  /// A store that is in order does not need what is damaged of its checkpoint.
  private func mend(_ evidence: Evidence) throws(LMDBError) {
    guard evidence.checkpoint.isDamaged || evidence.checkpoint.damagedCopies > 0 else { return }
    try CheckpointFile(look.paths.checkpoint, mode: look.recovery.options.fileMode, creates: false).mend()
  }

  private func carryOut(
    _ choice: RecoveryChoice,
    _ evidence: Evidence,
    _ report: RecoveryReport,
    keepingCopy: Bool
  ) throws -> RecoveryOutcome {
    let alternative = try RecoveryWeighing(evidence: evidence, recovery: look.recovery).alternative(choice)
    if let obstacle = alternative.obstacle {
      throw LMKVError(
        .inDoubt,
        "The store \(look.path) is in doubt, and \"\(choice.rawValue)\" cannot be chosen: \(obstacle) Nothing was changed."
      )
    }
    var report = report
    report.choices = [alternative]
    let copy = keepingCopy ? try CopyAside(look.paths).make() : nil
    let recovery = look.recovery
    switch (choice, evidence.checkpoint.newest) {
    case (.checkpoint, let record?):
      return outcome(try recovery.replay(record, recovery.hint, isCached: false), report, copy)
    case (.data, _), (.checkpoint, nil):
      let outcome = outcome(try recovery.adopt(evidence, recovery.hint, "it was chosen"), report, copy)
      try syncDirectory(look.paths.directory)
      return outcome
    }
  }

  private var used: LMDBError { LMDBError(.init(rawValue: Self.inUse), "recover \(look.path)") }

  private func outcome(_ outcome: Recovery.Outcome, _ report: RecoveryReport, _ copy: String?) -> RecoveryOutcome {
    switch outcome {
    case .wasClean, .leftAsItIs: RecoveryOutcome(report: report, action: .nothing, transactions: 0, copy: copy)
    case .adopted: RecoveryOutcome(report: report, action: .tookData, transactions: 0, copy: copy)
    case .replayed(let count): RecoveryOutcome(report: report, action: .restored, transactions: count, copy: copy)
    }
  }
}
