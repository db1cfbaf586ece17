/// What the files of a store say of the state that it was left in, and what can be done.
///
/// ```swift
/// let report = try Store.recoveryReport(path: "/var/lib/app/state")
/// if report.state == .inDoubt { for sentence in report.evidence { print(sentence) } }
/// ```
public struct RecoveryReport: Hashable, Sendable {
  /// What state a store is in. New ones may be added.
  public struct State: Hashable, Sendable, CustomStringConvertible {
    private let name: String

    /// The name that `lmkv recover --json` prints.
    public var description: String { name }

    /// All commits are in the data file.
    public static let clean = State(name: "clean")
    /// The last commits may be in the log alone. Opening the store for writing recovers it, where no process has it open.
    public static let dirty = State(name: "dirty")
    /// The files contradict each other, or the data file is damaged. The store is not opened before somebody has chosen.
    public static let inDoubt = State(name: "inDoubt")
  }

  /// One way out of doubt.
  public struct Alternative: Hashable, Sendable {
    public let choice: RecoveryChoice
    /// What of the store is there afterwards.
    public let keeps: String
    /// What is lost.
    public let loses: String
    /// Why it cannot be chosen. Nil when it can.
    public let obstacle: String?
  }

  /// The directory.
  public let path: String
  public internal(set) var state: State
  /// Whether a process, this one included, has the store open. Other LMDB programs do not count.
  ///
  /// The files change meanwhile, so that ``state`` is then never in doubt: `dirty` is usual while much is written.
  public internal(set) var isInUse = false
  /// Why the store is in doubt. Nil when it is not.
  public internal(set) var doubt: String?
  /// What was found, in sentences.
  public internal(set) var evidence: [String] = []
  /// The ways out of doubt. Empty where there is none.
  public internal(set) var choices: [Alternative] = []

  init(path: String, state: State) {
    self.path = path
    self.state = state
  }
}

/// A decision about a store whose files contradict each other.
public enum RecoveryChoice: String, Hashable, Sendable, CaseIterable {
  /// Takes `data.mdb` as it is, if its pages are sound. What is only in the log is lost.
  case data
  /// Goes back to the newest checkpoint that can be read, if its pages are in the data file, and repeats the log as far as
  /// whole records follow on one another. What is only in the data file is lost.
  case checkpoint
}

/// What a recovery did.
public struct RecoveryOutcome: Hashable, Sendable {
  /// What was done. New ones may be added.
  public struct Action: Hashable, Sendable, CustomStringConvertible {
    private let name: String

    /// The name that `lmkv recover --json` prints.
    public var description: String { name }

    /// The store was in order.
    public static let nothing = Action(name: "nothing")
    /// The data file was taken as it is.
    public static let tookData = Action(name: "tookData")
    /// The checkpoint was restored, and the log repeated.
    public static let restored = Action(name: "restored")
  }

  /// What was found before.
  public let report: RecoveryReport
  public let action: Action
  /// How many transactions of the log were repeated.
  public let transactions: Int
  /// The directory with the files as they were before a choice was carried out. Nil where nothing was put aside.
  public let copy: String?
}
