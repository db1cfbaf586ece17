internal import LMDB

/// Looks at the files beside the data file: at the checkpoint, the log, and whether they contradict each other.
///
/// Only where nobody has the store open: these files change otherwise.
struct RecoveryCheck {
  private let look: RecoveryLook

  init(_ look: RecoveryLook) {
    self.look = look
  }

  func add(to report: inout CheckReport) throws(LMDBError) {
    var checkpoint = CheckReport.Section("checkpoint")
    var log = CheckReport.Section("log")
    defer { report.sections += [checkpoint, log] }
    guard let evidence = try look.evidence() else {
      return report.notes.append("A process has the store open: the log and the checkpoint were not looked at.")
    }
    for sentence in evidence.damageSentences { checkpoint.add(.checkpoint, sentence) }
    switch evidence.verdict {
    case .clean: break
    case .replay, .replayVersion1, .adopt:
      report.notes.append("The store was not closed. It will be recovered when it is opened for the next time.")
    case .inDoubt(.damagedLog):
      log.add(.log, Evidence.Doubt.damagedLog.finding)
    case .inDoubt(.otherLog):
      log.add(.doubt, Evidence.Doubt.otherLog.finding)
    case .inDoubt(let doubt):
      checkpoint.add(.doubt, doubt.finding)
    }
  }
}

extension Evidence.Doubt {
  fileprivate var finding: String {
    "The store cannot be opened: \(sentence). lmkv recover says what can be done."
  }
}
