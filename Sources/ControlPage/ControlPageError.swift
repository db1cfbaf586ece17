internal import LMDBPlatform

/// Why a control page cannot be opened or used.
package enum ControlPageError: Error, CustomStringConvertible, Equatable {
  /// The system refused something: `errno`, and what was to be done.
  case system(code: Int32, doing: String)
  /// Living processes share the page with another version of this package or another C library.
  case otherVersion(path: String, found: UInt32, mine: UInt32)
  /// Living processes of another PID namespace use the page: process and thread IDs mean something else to them.
  case otherNamespace(path: String)
  /// Living processes use the page, and its content is none.
  case damaged(path: String)
  /// As many processes as can have the page open at once.
  case full(path: String, capacity: Int)
  /// The system gave us no thread.
  case noThread(code: Int32)
  /// This process was forked from the one that opened the page.
  case forked

  package var description: String {
    switch self {
    case .system(let code, let doing):
      let reason = unsafe String(cString: strerror(code))
      return "The system refused to \(doing): \(reason) (errno \(code))."
    case .otherVersion(let path, let found, let mine):
      return """
        \(path) is in use by processes with another version of LMKV or another C library (layout \(Self.name(found)); \
        this program has \(Self.name(mine))). Close the store in all of them first.
        """
    case .otherNamespace(let path):
      return """
        \(path) is in use by processes of another PID namespace, such as those of another container, with which locks between \
        processes do not work.
        """
    case .damaged(let path):
      return """
        \(path) is in use by other processes, and something else has overwritten it. Close the store in all of them, \
        and open it again.
        """
    case .full(let path, let capacity):
      return "\(capacity) processes have the store of \(path) open, and no more can."
    case .noThread(let code):
      let reason = unsafe String(cString: strerror(code))
      return "The system gave no thread, which the control page needs: \(reason) (errno \(code))."
    case .forked:
      return "A forked process cannot use the control page of its parent. Open the store in the child instead."
    }
  }

  private static func name(_ version: UInt32) -> String {
    "\(version & 0xFFFF), C library \(version >> 24), mutex of \(version >> 16 & 0xFF) bytes"
  }
}
