import Logging
import Synchronization

/// A logger that keeps the metadata of what it is told.
final class Recorder: LogHandler {
  let lines = Mutex<[[String: String]]>([])

  /// What was said with a piece of metadata.
  func lines(with key: String) -> [[String: String]] {
    lines.withLock { $0.filter { $0[key] != nil } }
  }

  func log(event: LogEvent) {
    var entry = (event.metadata ?? [:]).mapValues { "\($0)" }
    entry["level"] = "\(event.level)"
    lines.withLock { $0.append(entry) }
  }

  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  var logLevel: Logger.Level {
    get { .notice }
    set {}
  }
}
