internal import LMDB

/// Looks at the files beside the data file: at the checkpoint, the log, and whether they contradict each other.
///
/// Only where nobody has the store open: these files change otherwise.
struct RecoveryCheck {
  private let look: RecoveryLook

  init(_ look: RecoveryLook) {
    self.look = look
  }

  /// Says what opening the store would do, which may follow from the pages of the data file, too.
  func add(to report: inout CheckReport) throws(LMDBError) {
    var checkpoint = CheckReport.Section("checkpoint")
    var log = CheckReport.Section("log")
    defer { report.sections += [checkpoint, log] }
    guard let evidence = try look.evidence() else {
      return report.notes.append("A process has the store open: the log and the checkpoint were not looked at.")
    }
    for sentence in evidence.damageSentences { checkpoint.add(.checkpoint, sentence) }
    switch try look.recovery.plan(evidence) {
    case .nothing: break
    case .replay, .adopt:
      report.notes.append("The store was not closed. It will be recovered when it is opened for the next time.")
    case .refuse(let reason):
      let finding = "The store cannot be opened: \(reason). lmkv recover says what can be done."
      switch evidence.verdict {
      case .inDoubt(.damagedLog): log.add(.log, finding)
      case .inDoubt(.otherLog): log.add(.doubt, finding)
      default: checkpoint.add(.doubt, finding)
      }
    }
  }
}
