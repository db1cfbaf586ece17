internal import ControlPage
internal import LMDB

/// What all processes know together about the way to the disk: words of the control page.
///
/// All but those of the group sync, `redoSynced` and `flushDue` change only under the turn to write.
final class SharedState: Sendable {
  enum Word: Int {
    /// 0: LMDB's file is as after a durable commit. 1: there are commits that only the checkpoint and the log make safe; the
    /// log has all of them.
    case isDirty
    /// What tells the checkpoint, the log and the marks of this time of being dirty from those of others.
    case lineage
    /// 1 while a checkpoint, or a saving of pages, is being made: left behind, it tells that its maker died.
    case isChanging
    /// 1 after a failed sync: what was written cannot be trusted to be there.
    case isBroken
    /// Of the newest checkpoint.
    case generation
    /// LMDB's ID of the last transaction that we know of. Another one is a stranger's, or of one who died committing.
    case lastTransaction
    /// Up to which transaction the pages that were freed may be used again without harm to the checkpoint.
    case safeTransaction
    /// Whose snapshot keeps the pages freed later from being used again. 0: nobody's.
    case pinOwner
    /// Where it stands in LMDB's table of readers, and what is in there: the ID of the transaction that is pinned.
    case pinSlot
    case pinTransaction
    /// After how many transactions the pin moves on. It follows from how many pages they free.
    case pinWindow
    /// The last page of the file when the pin moved.
    case pinLastPage
    case redoStart
    case redoEnd
    case redoSynced
    case redoCapacity
    /// The last page at the checkpoint.
    case lastPage
    case imageCount
    /// How many images are on the disk: `imageCount`, but for the time when that says that there are no more.
    case savedImages
    /// When the last commit was, and how many have followed closely on one another.
    case lastCommit
    case streak
    /// When relaxed commits are to be on the disk, and what interval they asked for. 0: there are none.
    case flushDue
    case flushInterval
    /// Who syncs the log; 0: nobody.
    case syncOwner
    /// Up to where the sync that is under way will bring the log.
    case syncTarget
    /// Whether whoever has the turn, or had it last, makes a durable commit.
    case isForFull
    /// Which `data.mdb` and `lock.mdb` those have open who have the store open. 0: not known.
    case dataInode
    case lockInode
  }

  private let words: RegisterFile

  init(_ control: ControlPage) throws(ControlPageError) {
    words = try control.registers()
  }

  subscript(_ word: Word) -> UInt64 {
    @inline(__always) get { words.load(word.rawValue) }
    @inline(__always) set { words.store(newValue, word.rawValue) }
  }

  @inline(__always)
  func flag(_ word: Word) -> Bool { self[word] != 0 }

  /// Gives a word a value if it has the expected one. Whether it had.
  func exchange(_ word: Word, expected: UInt64, _ value: UInt64) -> Bool {
    words.exchange(word.rawValue, expected: expected, value)
  }

  /// Raises a word, in the face of others who do so too.
  func raise(_ word: Word, to value: UInt64) {
    words.raise(word.rawValue, to: value)
  }

  /// Runs a sync. After one that failed nothing is committed any more: the kernel may take for written what is not, and a later
  /// sync that succeeds says nothing about it.
  ///
  /// That ends when all processes have closed the store. It stays dirty then, so that whoever opens it next writes anew,
  /// from the checkpoint and the log, all that is doubtful.
  func syncing<R>(_ sync: () throws(LMDBError) -> R) throws(LMDBError) -> R {
    let result: R
    do throws(LMDBError) {
      result = try sync()
    } catch {
      self[.isBroken] = 1
      throw error
    }
    // One of another process may have failed meanwhile, after which this one had nothing left to write.
    try checkTrust()
    return result
  }

  /// Whether a sync had failed before a page was left that has these registers.
  static func wasBroken(_ registers: [UInt64]?) -> Bool {
    registers?[Word.isBroken.rawValue] ?? 0 != 0
  }

  /// Tells whoever opens a page next, which nobody uses now, that a sync may have failed. False where there is no page.
  static func leaveBroken(_ path: String) throws(ControlPageError) -> Bool {
    try ControlPage.leave(path, Word.isBroken.rawValue, 1)
  }

  /// Throws after a sync that failed, of whatever process.
  func checkTrust() throws(LMDBError) {
    if flag(.isBroken) { throw LMDBError(.panic, "write after a failed sync") }
  }
}
