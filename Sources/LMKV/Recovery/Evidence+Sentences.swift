internal import ControlPage
internal import LMDB

extension Evidence {
  /// What was found, for people.
  func sentences(_ now: CacheHint) -> [String] {
    checkpointSentences(now) + logSentences + dataSentences
  }

  // MARK: The file checkpoint

  private func checkpointSentences(_ now: CacheHint) -> [String] {
    guard checkpoint.exists else { return ["There is no file checkpoint."] }
    var sentences: [String] = []
    if let version = checkpoint.newerVersion {
      sentences.append("The file checkpoint has a record of version \(version), which a newer LMKV wrote.")
    }
    sentences += damageSentences
    guard let record = checkpoint.newest else {
      return sentences + ["The file checkpoint has no record that can be read."]
    }
    let state = record.isClean ? "The store was closed then" : "The store was not closed after it"
    sentences.append(
      "The newest checkpoint that can be read has generation \(record.generation) and LMDB's transaction "
        + "\(record.transactionID). \(state)."
    )
    if !record.isClean { sentences.append(hintSentence(record.hint, now)) }
    return sentences
  }

  /// What of the file checkpoint is damaged.
  var damageSentences: [String] {
    var sentences: [String] = []
    if checkpoint.isDamaged { sentences.append("A record of the file checkpoint is damaged in both of its copies.") }
    if checkpoint.damagedCopies > 0 {
      sentences.append("A record of the file checkpoint is damaged in one of its two copies; the other one is whole.")
    }
    return sentences
  }

  private func hintSentence(_ hint: CacheHint, _ now: CacheHint) -> String {
    if hint.holds(under: now) { return "It was written under this start of the machine, and on this mount." }
    guard hint.boot.isKnown, now.boot.isKnown else {
      return "Whether the machine was started since it was written cannot be told."
    }
    return hint.boot == now.boot
      ? "It was written under this start of the machine, and on another mount or in another file."
      : "It was written under another start of the machine."
  }

  // MARK: The log

  private var logSentences: [String] {
    guard let record = checkpoint.newest, !record.isClean, record.redoCapacity > 0 else { return [] }
    guard let log, !log.isEmpty else { return ["There is no log (redo)."] }
    let count = loggedCount
    guard count > 0 else { return ["The log (redo) has no record that follows on the checkpoint."] }
    let records = count == 1 ? "1 transaction" : "\(count) transactions"
    return ["The log (redo) has \(records) that follow on the checkpoint, up to number \(lastLogged(record))."]
  }

  // MARK: The data file

  private var dataSentences: [String] {
    guard let newest = metas.first else {
      return [hasData ? "data.mdb has a meta page that cannot be read." : "data.mdb is missing or empty."]
    }
    let transaction = newest.meta.transactionID
    let state = "The newest state in data.mdb is that of LMDB's transaction \(transaction)"
    guard let mark = newest.mark, let newestMark else {
      return ["\(state), and data.mdb has no mark of an LMKV that had not closed it."]
    }
    let origin =
      if mark.done == transaction {
        "made by LMKV"
      } else if mark.begun == transaction {
        "made by LMKV, or by another program after LMKV was about to make it"
      } else if transaction <= newestMark.base {
        "which the checkpoint has"
      } else {
        "made by another LMDB program"
      }
    return ["\(state), \(origin).", relationSentence(newestMark)]
  }

  private func relationSentence(_ mark: MetaMark) -> String {
    let made = "data.mdb is marked as one that belongs to the checkpoint of generation \(mark.generation)"
    guard let record = checkpoint.newest else { return "\(made)." }
    guard mark.lineage == record.lineage else { return "\(made) of another time or store than this one's." }
    if mark.generation == record.generation { return "\(made), which is this one." }
    return "\(made), which is \(mark.generation > record.generation ? "newer" : "older") than this one."
  }
}
