internal import ArgumentParser
internal import Foundation
internal import LMKV

struct RecoverVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Put a store in order that was not closed, or say why that needs a decision.",
    discussion: """
      Opening a store that was not closed recovers it; this verb does the same and says what it found. When the files \
      contradict each other, because some were restored from a backup, or are damaged, the store is in doubt, and nothing \
      is changed without a choice. The verb prints what each choice keeps and loses:

      data: take data.mdb as it is. Possible when its pages are sound.
      checkpoint: go back to the newest checkpoint that can be read, and repeat the log from there. Possible when the \
      pages of the checkpoint are in data.mdb.

      Before a choice is carried out data.mdb, checkpoint and redo are copied into the directory before-recovery of the \
      store, which can be opened, or recovered otherwise, as a store. With --no-copy they are not. A choice for a store \
      that is not in doubt does nothing.

      EXAMPLES:
        lmkv recover --dry-run
        lmkv recover
        lmkv recover --choose data
        lmkv recover --store /var/lib/app/state/before-recovery --choose checkpoint

      JSON: {"path":"/var/lib/app/state","state":"inDoubt","inUse":false,
             "evidence":["There is no file checkpoint.","…"],"doubt":"…",
             "choices":[{"name":"data","keeps":"…","loses":"…","obstacle":null},…],
             "outcome":{"action":"tookData","transactions":0,"copy":"…"}}
      The state is clean, dirty or inDoubt, as it was found; the action nothing, tookData or restored. The outcome is null \
      for a dry run, and when the store is left as it is.

      EXIT STATUS: 3 when a process has the store open; 4 when the store is in doubt and there is no choice, or one that \
      cannot be carried out. Nothing was changed then.
      """
  )

  @Flag(help: "Only say what was found. Nothing is changed.") var dryRun = false
  @Option(
    help: ArgumentHelp("What to do if the store is in doubt.", valueName: "data|checkpoint"),
    completion: .list(RecoveryChoice.allCases.map(\.rawValue)),
    transform: choice
  )
  var choose: RecoveryChoice?
  @Flag(name: .customLong("no-copy"), help: "Do not copy the files before a choice is carried out.")
  var skipsCopy = false
  @OptionGroup var options: StoreOptions

  private static func choice(_ text: String) throws -> RecoveryChoice {
    guard let choice = RecoveryChoice(rawValue: text) else {
      throw ValidationError("Choose \(RecoveryChoice.allCases.map(\.rawValue).joined(separator: " or ")).")
    }
    return choice
  }

  func run() throws {
    let path = try options.path()
    ErrorReport.prepareForDamage(of: path, isJSON: options.json)
    try options.withOutput { output in
      let report = try Store.recoveryReport(path: path)
      if !options.json { try lines(report, output) }
      // What was found is printed whatever comes of it.
      let result = Result { try recover(report) }
      let outcome = if case .success(let outcome) = result { outcome } else { nil as RecoveryOutcome? }
      if options.json {
        try output.object(json(report, outcome))
      } else if let outcome {
        try output.line("outcome\t\(sentence(outcome))")
      }
      try output.flush()
      _ = try result.get()
    }
  }

  /// Nil for a dry run that finds nothing to complain of.
  private func recover(_ report: RecoveryReport) throws -> RecoveryOutcome? {
    guard dryRun || report.isInUse else {
      return try Store.recover(path: report.path, choosing: choose, keepingCopy: !skipsCopy)
    }
    if report.isInUse { throw LMKVError.inUse(report.path) }
    guard report.state == .inDoubt else { return nil }
    guard let alternative = report.choices.first(where: { $0.choice == choose }), alternative.obstacle == nil else {
      throw CommandFailure(inDoubt: report)
    }
    return nil
  }

  // MARK: Output

  private func lines(_ report: RecoveryReport, _ output: Output) throws {
    try output.line("state\t\(report.stateText)")
    for sentence in report.evidence { try output.line("evidence\t\(sentence)") }
    if let doubt = report.doubt { try output.line("doubt\t\(doubt)") }
    for alternative in report.choices {
      let words =
        alternative.obstacle.map { "Not possible. \($0)" }
        ?? "Keeps: \(alternative.keeps) Loses: \(alternative.loses)"
      try output.line("\(alternative.choice.rawValue)\t\(words)")
    }
  }

  private func sentence(_ outcome: RecoveryOutcome) -> String {
    let copy = outcome.copy.map { " What was there before is in \($0)." } ?? ""
    switch outcome.action {
    case .tookData: return "data.mdb was taken as it is.\(copy)"
    case .restored:
      let transactions = outcome.transactions == 1 ? "1 transaction" : "\(outcome.transactions) transactions"
      return "The checkpoint was restored, and \(transactions) of the log repeated.\(copy)"
    default: return "The store is in order; nothing was to be done."
    }
  }

  private func json(_ report: RecoveryReport, _ outcome: RecoveryOutcome?) -> KeyValuePairs<String, Value> {
    let outcome: Value? = outcome.map { outcome in
      [
        "action": .string("\(outcome.action)"),
        "transactions": .integer(Int128(outcome.transactions)),
        "copy": outcome.copy.map(Value.string) ?? .null,
      ]
    }
    return [
      "path": .string(report.path),
      "state": .string("\(report.state)"),
      "inUse": .bool(report.isInUse),
      "evidence": .array(report.evidence.map(Value.string)),
      "doubt": report.doubt.map(Value.string) ?? .null,
      "choices": .array(
        report.choices.map { alternative in
          [
            "name": .string(alternative.choice.rawValue),
            "keeps": .string(alternative.keeps),
            "loses": .string(alternative.loses),
            "obstacle": alternative.obstacle.map(Value.string) ?? .null,
          ]
        }
      ),
      "outcome": outcome ?? .null,
    ]
  }
}

extension CommandFailure {
  /// The store is in doubt, and nothing is done about it.
  init(inDoubt report: RecoveryReport) {
    self.init(
      .corrupted,
      code: "\(LMKVError.Code.inDoubt)",
      "The store \(report.path) is in doubt: \(report.doubt ?? ""). Nothing was changed. Restore what was there "
        + "before, or take one of the ways out that lmkv recover shows (--choose)."
    )
  }
}

extension RecoveryReport {
  /// The state in words.
  var stateText: String {
    switch (state, isInUse) {
    case (.clean, false): "clean"
    case (.clean, true): "clean, in use"
    case (.dirty, false): "dirty, to be recovered"
    case (.dirty, true): "dirty, in use"
    default: "in doubt"
    }
  }
}
