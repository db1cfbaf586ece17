internal import ControlPage
internal import LMDB
internal import LMDBPlatform
internal import Logging

/// Looks at the files of a store, and at the locks that tell who has it open. Takes no lock and changes nothing.
struct RecoveryLook {
  let path: String
  let paths: StorePaths
  let recovery: Recovery

  /// Throws where there is neither a data file nor a checkpoint of one.
  init(_ path: String) throws(LMDBError) {
    self.path = path
    paths = StorePaths(directory: path)
    var options = Persistence.Options()
    // What was done is reported, and need not be logged.
    options.logger.logLevel = .warning
    options.fileMode = try Self.mode(paths) & 0o666
    do throws(ControlPageError) {
      options.hadFailedSync = SharedState.wasBroken(
        try ControlPage.formerRegisters(paths.control)
      )
    } catch {
      throw LMDBError(error)
    }
    recovery = Recovery(paths: paths, options: options)
  }

  private static func mode(_ paths: StorePaths) throws(LMDBError) -> UInt32 {
    do throws(LMDBError) {
      return try StoreFile(paths.data, O_RDONLY).mode
    } catch {
      guard error.code.rawValue == ENOENT, unsafe access(paths.checkpoint, F_OK) == 0 else { throw error }
      return try StoreFile(paths.checkpoint, O_RDONLY).mode
    }
  }

  func report(weighingChoices: Bool) throws -> RecoveryReport {
    guard let evidence = try evidence() else { return try reportInUse() }
    return try report(evidence, weighingChoices: weighingChoices)
  }

  /// What follows for a store that nobody has open.
  func report(_ evidence: Evidence, weighingChoices: Bool) throws -> RecoveryReport {
    let plan = try recovery.plan(evidence)
    if evidence.metas.isEmpty, plan == .nothing {
      try EnvironmentFiles(directory: path).checkHeader()
      throw LMDBError(evidence.hasData ? .invalid : .init(rawValue: ENOENT), "open \(paths.data)")
    }
    var report = RecoveryReport(path: path, state: .clean)
    report.evidence = evidence.sentences(recovery.hint)
    switch plan {
    case .nothing: try EnvironmentFiles(directory: path).checkHeader()
    case .adopt(let reason):
      report.state = .dirty
      report.evidence.append("It will be opened with what is in data.mdb, and without the log: \(reason).")
    case .replay:
      report.state = .dirty
      let count = evidence.loggedCount
      report.evidence.append("It will be opened with the checkpoint and \(count) transactions of the log.")
    case .refuse(let doubt):
      report.state = .inDoubt
      report.doubt = doubt
      if weighingChoices {
        let weighing = RecoveryWeighing(evidence: evidence, recovery: recovery)
        report.choices = try RecoveryChoice.allCases.map(weighing.alternative)
      }
    }
    return report
  }

  /// The files as they were at one moment. Nil while a process has the store open.
  func evidence() throws(LMDBError) -> Evidence? {
    for _ in 0..<8 {
      guard try !isInUse() else { return nil }
      let evidence = try Evidence(paths)
      guard try !isInUse() else { return nil }
      // Somebody may have opened and closed it meanwhile, or be a program that knows LMDB alone.
      if try evidence.isCurrent(paths) { return evidence }
    }
    return nil
  }

  func isInUse() throws(LMDBError) -> Bool {
    if try EnvironmentFiles(directory: paths.directory).areInUse() { return true }
    // Whoever may not read the page relies on the lock of the directory.
    guard unsafe access(paths.control, R_OK) == 0 else { return false }
    do throws(ControlPageError) {
      return try ControlPage.isInUse(paths.control)
    } catch {
      throw LMDBError(error)
    }
  }

  private func reportInUse() throws(LMDBError) -> RecoveryReport {
    let newest = try CheckpointFile.contents(at: paths.checkpoint).newest
    var report = RecoveryReport(path: path, state: newest?.isClean ?? true ? .clean : .dirty)
    report.isInUse = true
    report.evidence = ["A process has the store open."]
    return report
  }
}

extension Evidence {
  /// Whether the files still say the same.
  func isCurrent(_ paths: StorePaths) throws(LMDBError) -> Bool {
    let now = (try CheckpointFile.contents(at: paths.checkpoint), try Self.metas(paths.data))
    return (checkpoint, metas) == now
  }
}
