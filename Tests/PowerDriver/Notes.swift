import Logging
import Synchronization

/// What stores tell their logger, for the judge to pass on: which branches of a recovery were gone.
enum Notes {
  private static let taken = Mutex<[String]>([])

  static var logger: Logger { Logger(label: "lmkv") { _ in Handler() } }

  /// What was told since the last time.
  static func take() -> [String] {
    taken.withLock { notes in
      defer { notes.removeAll() }
      return notes
    }
  }

  private struct Handler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      // Numbers would make a kind of each.
      let repeated = event.metadata?["repeated"].map { " (\("\($0)" == "0" ? "nothing" : "something") repeated)" } ?? ""
      Notes.taken.withLock { $0.append("\(event.message)\(repeated)") }
    }
  }
}
