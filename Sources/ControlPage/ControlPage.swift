internal import LMDBPlatform
internal import Synchronization

/// A small file that every process with a store open maps: who they are, whose turn it is to write, how many commits
/// there were, and words for whatever else they share.
///
/// Its content is worthless once the system has stopped. A process has one for each store; all of it may be used from
/// all threads, but a turn is given back on the thread that took it.
package final class ControlPage: Sendable {
  package let path: String
  package let members: Members
  package let turn: Turn
  package let commits: CommitCounter
  package let mailboxes: Mailboxes
  package let claims: ClaimTable
  private let mapping: Mapping
  private let membership: Membership
  /// Held until ``close()``.
  private let presence: Mutex<PresenceLock?>

  private init(_ path: String, _ opened: Opening.Opened, _ membership: Membership, slice: Duration) {
    let mapping = opened.mapping
    self.path = path
    self.mapping = mapping
    self.membership = membership
    presence = Mutex(opened.presence)
    members = Members(mapping, me: membership.id)
    turn = Turn(mapping, members, slice: slice)
    commits = CommitCounter(mapping)
    mailboxes = Mailboxes(mapping, members)
    // The table lives longer than the page is open, and must not keep the file open.
    claims = ClaimTable(mapping, members, path) { [weak presence = opened.presence] offset, size in
      presence?.allocate(offset, size) ?? EBADF
    }
  }

  /// Maps the file, makes it and its content if need be, and becomes a member.
  ///
  /// The caller holds a lock that serialises opening and closing between processes.
  /// - Parameters:
  ///   - path: The file, in a directory that exists.
  ///   - mode: The permissions of a new file.
  ///   - isFirst: Whether no other process has the store open, as far as the caller can tell. Whether anybody uses the
  ///     page tells a lock; this only says whether processes of a version without that lock may.
  ///   - boot: Which start of the machine this is.
  ///   - keptRegister: One that keeps its value when the content is made anew, whichever start of the machine it is of.
  ///   - slice: How long this process takes precedence in ``turn`` once it was its turn.
  ///   - step: Called on the way of initialising, for tests.
  package static func open(
    _ path: String,
    mode: UInt32 = 0o600,
    isFirst: Bool,
    boot: BootID = .current,
    keptRegister: Int? = nil,
    slice: Duration = Turn.defaultSlice,
    at step: (OpeningStep) -> Void = { _ in }
  ) throws(ControlPageError) -> ControlPage {
    ForkGuard.install()
    let opened = try Opening.open(path, mode: mode, isFirst: isFirst, boot: boot, keeping: keptRegister, at: step)
    return try ControlPage(path, opened, Membership(opened.mapping, path), slice: slice)
  }

  /// Whether any process, this one included, uses the page in a file. Locks and creates nothing.
  package static func isInUse(_ path: String) throws(ControlPageError) -> Bool {
    let descriptor = unsafe LMDBPlatform.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return false }
      throw .system(code: errno, doing: "open \(path)")
    }
    return try PresenceLock(descriptor, path).isHeldByOthers(path)
  }

  /// What the registers were when the last one had closed the page, or was killed, as far as that can be told. Changes nothing.
  package static func formerRegisters(_ path: String) throws(ControlPageError) -> [UInt64]? {
    try Opening.formerRegisters(path)
  }

  /// Changes a register of a page that nobody uses, for whoever opens it next. False where there is no page.
  package static func leave(_ path: String, _ register: Int, _ value: UInt64) throws(ControlPageError) -> Bool {
    try Opening.leave(path, register, value)
  }

  /// Stops being a member. Nobody uses the page any more. What is left is unmapped with the last reference to it.
  package func close() {
    if !mapping.isForked { mailboxes.end() }
    membership.end()
    presence.withLock { $0 = nil }
  }

  /// This process.
  package var me: MemberID { membership.id }

  /// Whether this process was forked from the one that opened the page: it cannot use it.
  package var isForked: Bool { mapping.isForked }

  /// Whether those who wait for the turn get it in the order of their coming, which the kernel sees to.
  package var isInOrder: Bool { mapping.word32(Layout.inOrderAt).load() == 1 }

  /// How many bytes of address space it takes. Of memory and of the disk it is 516 KiB, and more only with many claims.
  package static var fileSize: Int { Layout.fileSize }
  package static var registerCount: Int { Layout.registerCount }
  package static var futexCount: Int { Layout.futexCount }

  /// One of 64 numbers, 0 when the page is new. Eight neighbours (8n to 8n+7) share a cache line.
  package func register(_ index: Int) throws(ControlPageError) -> Register {
    precondition((0..<Layout.registerCount).contains(index), "no register \(index)")
    try mapping.checkFork()
    return Register(mapping, mapping.word64(Layout.registersStart + index * 8))
  }

  /// All registers at once, for those who use many of them often.
  package func registers() throws(ControlPageError) -> RegisterFile {
    try mapping.checkFork()
    return RegisterFile(mapping, mapping.word64(Layout.registersStart))
  }

  /// One of 16 words on which threads can sleep, 0 when the page is new. Each has a cache line of its own.
  package func futex(_ index: Int) throws(ControlPageError) -> FutexWord {
    precondition((0..<Layout.futexCount).contains(index), "no futex \(index)")
    try mapping.checkFork()
    return FutexWord(mapping, mapping.word32(Layout.futexesStart + index * 64))
  }
}

package typealias OpeningStep = Opening.Step
