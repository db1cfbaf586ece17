internal import LMKV

/// What the process ends with.
enum ExitStatus: Int32 {
  case done = 0
  case notFound = 1
  case usage = 2
  case conflict = 3
  case corrupted = 4
  case inputOutput = 5

  /// The one place where the errors of the store get their exit status.
  init(_ code: LMKVError.Code) {
    self =
      switch code {
      // What the verb asked about is not so; nothing was changed.
      case .keyNotFound, .scopeNotFound, .scopeExists, .storeExists, .typeMismatch, .overflow: .notFound
      case .emptyKey, .keyTooLong, .invalidName, .valueTooLarge, .invalidArgument, .encodingFailed: .usage
      case .conflict, .timedOut, .busy, .storeInUse, .openedDifferently, .tooManyReaders, .nestedTransaction,
        .scopeOpenedTooLate, .snapshotTooOld, .deadlock:
        .conflict
      case .otherNamespace: .conflict
      case .corrupted, .truncated, .notAStore, .unsupportedFormat, .recoveryNeeded, .inDoubt: .corrupted
      default: .inputOutput
      }
  }
}

/// An error of the command itself, or the answer no.
struct CommandFailure: Error {
  let status: Int32
  let code: String
  let message: String

  init(_ status: ExitStatus, code: String? = nil, _ message: String) {
    self.status = status.rawValue
    self.code = code ?? "\(status)"
    self.message = message
  }

  /// A status of shells, for a command that cannot be started.
  init(rawStatus status: Int32, _ message: String) {
    self.status = status
    code = "\(ExitStatus.inputOutput)"
    self.message = message
  }

  static func notFound(_ message: String) -> CommandFailure {
    CommandFailure(.notFound, code: "\(LMKVError.Code.keyNotFound)", message)
  }
}
