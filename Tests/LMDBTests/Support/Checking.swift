import LMDB
import LMDBPlatform
import Testing

/// What a ``FileCheck`` of a data file says.
struct Checked {
  struct Entry: Hashable {
    let database: [UInt8]?
    let key: [UInt8]
    let value: [UInt8]
  }

  var findings: [FileFinding] = []
  var entries: [Entry] = []
  var progress: [UInt64] = []
  var figures = FileCheck.Figures()

  var kinds: Set<FileFinding.Kind> { Set(findings.map(\.kind)) }
}

func check(_ path: String) throws -> Checked {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw LMDBError(.init(rawValue: errno), "open \(path)") }
  defer { _ = close(descriptor) }
  var checked = Checked()
  checked.figures = try FileCheck.run(
    descriptor,
    path,
    FileCheck.Handlers(
      finding: { checked.findings.append($0) },
      entry: { database, key, value, _ in
        checked.entries.append(.init(database: database, key: Array(key), value: Array(value)))
      },
      progress: { done, _ in checked.progress.append(done) }
    )
  )
  return checked
}
