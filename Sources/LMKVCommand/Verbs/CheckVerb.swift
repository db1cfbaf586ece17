internal import ArgumentParser
internal import Foundation
internal import LMKV

struct CheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every page and entry of the store, and say what is damaged.",
    discussion: """
      Works on a store that cannot be opened any more, and beside who writes: then of one state. Changes and repairs \
      nothing. Prints a sentence for each finding, and a summary; on a terminal it says how far it is.

      Damage in the structure of the file is found, and in what stands around values. A turned bit in a value is found \
      only where the value cannot be decoded any more. The log and the checkpoint are looked at where no process has the \
      store open. A store that was not closed is checked as it is; after a power failure recover it first.

      EXAMPLES:
        lmkv check
        lmkv check --quiet || echo "restore the backup"
        lmkv check --json | jq -r .message

      JSON, a line for each finding, then the summary:
      {"section":"pages","kind":"page","page":12,"database":"scope:users","scope":"users","key":null,"message":"…"}
      {"path":"/var/lib/app/state","uuid":"…","revision":7,"transaction":9,"pages":6,"free":2,"entries":2,"findings":1,"notes":[]}

      EXIT STATUS: 0 when nothing was found, 4 when something was.
      """
  )

  @Flag(help: "Print nothing but findings.") var quiet = false
  @OptionGroup var options: StoreOptions

  func run() throws {
    let path = try options.path()
    let meter = ProgressMeter(isWanted: !quiet)
    defer { meter.clear() }
    let report = try Store.check(path: path) { meter.show($0.pages, of: $0.total, "pages of \(path)") }
    meter.clear()
    try options.withOutput { output in
      for section in report.sections { try print(section, output) }
      if options.json {
        try output.object(summary(report))
      } else if !quiet {
        for note in report.notes { try output.line(note) }
        try output.line(sentence(report))
      }
    }
    if !report.isSound { throw ExitCode(ExitStatus.corrupted.rawValue) }
  }

  private func print(_ section: CheckReport.Section, _ output: Output) throws {
    for finding in section.findings {
      if options.json {
        try output.object(json(finding, section.name))
      } else {
        try output.line(line(finding))
      }
    }
    let rest = section.count - section.findings.count
    if rest > 0, !options.json { try output.line("… and \(rest) more like these.") }
  }

  /// The sentence, and where it is not in it already, which key of which scope is meant.
  private func line(_ finding: CheckReport.Finding) -> String {
    var places: [String] = []
    if let scope = finding.scope { places.append("scope \(KeyArgument.quoted(scope))") }
    if finding.scope == nil, let database = finding.database {
      places.append("database \(KeyArgument.quoted(database))")
    }
    if let key = finding.key { places.append("key \(KeyArgument.quoted(key))") }
    return places.isEmpty ? finding.message : "\(finding.message) (\(places.joined(separator: ", ")))"
  }

  private func json(_ finding: CheckReport.Finding, _ section: String) -> KeyValuePairs<String, Value> {
    [
      "section": .string(section),
      "kind": .string("\(finding.kind)"),
      "page": finding.page.map { .integer(Int128($0)) } ?? .null,
      "database": finding.database.map(Value.string) ?? .null,
      "scope": finding.scope.map(Value.string) ?? .null,
      "key": finding.key.map(Value.string) ?? .null,
      "message": .string(finding.message),
    ]
  }

  private func summary(_ report: CheckReport) -> KeyValuePairs<String, Value> {
    [
      "path": .string(report.path),
      "uuid": report.uuid.map { .string($0.uuidString) } ?? .null,
      "revision": report.revision.map { .integer(Int128($0)) } ?? .null,
      "transaction": .integer(Int128(report.transactionID)),
      "pages": .integer(Int128(report.pages)),
      "free": .integer(Int128(report.freePages)),
      "entries": .integer(Int128(report.entries)),
      "findings": .integer(Int128(report.count)),
      "notes": .array(report.notes.map(Value.string)),
    ]
  }

  private func sentence(_ report: CheckReport) -> String {
    let what = "\(report.path): \(report.pages) pages, \(report.freePages) of them free, \(report.entries) entries"
    guard !report.isSound else { return "\(what); sound." }
    let findings = report.count == 1 ? "1 finding" : "\(report.count) findings"
    return "\(what); \(findings). Restore the store from a backup, or save what can be read with scan."
  }
}
