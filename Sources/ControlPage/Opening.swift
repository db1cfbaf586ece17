internal import LMDBPlatform

/// Makes the file and its content, or takes what others have made. The caller sees to it that no other process does so
/// at the same time.
package enum Opening {
  /// Moments of initialising, at which tests kill.
  package enum Step: String, CaseIterable, Sendable {
    case created, allocated, cleared, filled, finished
  }

  struct Opened {
    let mapping: Mapping
    let presence: PresenceLock
  }

  static func open(
    _ path: String,
    mode: UInt32,
    isFirst: Bool,
    boot: BootID,
    keeping keptRegister: Int?,
    at step: (Step) -> Void
  ) throws(ControlPageError) -> Opened {
    // Not truncated: others may map it.
    let descriptor = openBesideData(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
    guard descriptor >= 0 else { throw .system(code: errno, doing: "open \(path)") }
    defer { _ = close(descriptor) }
    let presence = try PresenceLock(opening: path)
    step(.created)

    // Blocks are there before anything is mapped: a full disk is an error here, and no SIGBUS later.
    let code = presence.allocate(0, Layout.firstSize)
    // A file system may ask for room for blocks that the file has (XFS).
    guard code == 0 || hasBlocks(descriptor) else {
      throw .system(code: code, doing: "allocate \(Layout.firstSize) bytes for \(path)")
    }
    // What follows is a hole until it is used.
    guard size(descriptor) >= Layout.fileSize || ftruncate(descriptor, off_t(Layout.fileSize)) == 0 else {
      throw .system(code: errno, doing: "make \(path) \(Layout.fileSize) bytes long")
    }
    step(.allocated)

    let mapping = try Mapping(descriptor: descriptor, path: path)
    let isShared = try presence.isHeldByOthers(path)
    if isShared {
      try checkUsable(mapping, path)
    } else {
      let former = formerRegisters(mapping)
      if !isFirst { try checkNoEarlierVersion(mapping, path, boot) }
      let kept = keptRegister.flatMap { register in former.map { (register, $0[register]) } }
      try initialise(mapping, path, boot, keeping: kept, at: step)
    }
    try presence.take(path)
    return Opened(mapping: mapping, presence: presence)
  }

  /// The registers of a page that nobody uses any more, as they were left, whichever start of the machine that was in; nil
  /// where there are none. Changes nothing.
  static func formerRegisters(_ path: String) throws(ControlPageError) -> [UInt64]? {
    try formerPage(path).flatMap { formerRegisters($0) }
  }

  /// Changes a register of a page that nobody uses, for whoever comes next. False where there is no page.
  static func leave(_ path: String, _ register: Int, _ value: UInt64) throws(ControlPageError) -> Bool {
    guard let mapping = try formerPage(path), formerRegisters(mapping) != nil else { return false }
    mapping.word64(Layout.registersStart + register * 8).store(value)
    return true
  }

  private static func formerPage(_ path: String) throws(ControlPageError) -> Mapping? {
    let descriptor = unsafe LMDBPlatform.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size >= off_t(Layout.firstSize)
    else { return nil }
    return try Mapping(descriptor: descriptor, path: path)
  }

  private static func size(_ descriptor: Int32) -> Int {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  private static func hasBlocks(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && Int(status.st_size) >= Layout.firstSize
      && Int(status.st_blocks) * 512 >= Layout.firstSize
  }

  private static func formerRegisters(_ mapping: Mapping) -> [UInt64]? {
    let header = Header(mapping)
    // The version may be another one, as long as its registers are where ours are.
    guard mapping.word64(Layout.magicAt).load() == Layout.magic,
      (Layout.firstWithTheseRegisters...Layout.revision).contains(header.version & 0xFFFF)
    else { return nil }
    return (0..<Layout.registerCount).map { mapping.word64(Layout.registersStart + $0 * 8).load() }
  }

  /// Others use the page, so it is taken as it is or not at all.
  private static func checkUsable(_ mapping: Mapping, _ path: String) throws(ControlPageError) {
    let header = Header(mapping)
    guard mapping.word64(Layout.magicAt).load() == Layout.magic else { throw .damaged(path: path) }
    guard header.version == Layout.version, header.size == UInt32(Layout.fileSize) else {
      throw .otherVersion(path: path, found: header.version, mine: Layout.version)
    }
    let (theirs, mine) = (mapping.word64(Layout.namespaceAt).load(), ThisProcess.namespace)
    guard theirs == mine || theirs == 0 || mine == 0 else { throw .otherNamespace(path: path) }
  }

  /// Before layout 4 nobody locked the page: where the store is in use, a page of that age may be in use too.
  private static func checkNoEarlierVersion(
    _ mapping: Mapping,
    _ path: String,
    _ boot: BootID
  ) throws(ControlPageError) {
    let header = Header(mapping)
    let isOfThisBoot = header.boot == boot || !boot.isKnown
    guard mapping.word64(Layout.magicAt).load() == Layout.magic, isOfThisBoot,
      header.version & 0xFFFF < Layout.firstWithPresence
    else { return }
    throw .otherVersion(path: path, found: header.version, mine: Layout.version)
  }

  /// Writes everything, and the magic last: who dies on the way leaves a page that the next one makes anew.
  private static func initialise(
    _ mapping: Mapping,
    _ path: String,
    _ boot: BootID,
    keeping kept: (register: Int, value: UInt64)?,
    at step: (Step) -> Void
  ) throws(ControlPageError) {
    mapping.word64(Layout.magicAt).publish(0)
    mapping.clear()
    if let kept { mapping.word64(Layout.registersStart + kept.register * 8).store(kept.value) }
    step(.cleared)
    func make(_ offset: Int, inherits: Bool = false) throws(ControlPageError) {
      let code = mapping.mutex(offset).initialise(inherits: inherits)
      guard code == 0 else { throw .system(code: code, doing: "make a mutex that survives its owner in \(path)") }
    }
    try make(Layout.turnMutex)
    // A kernel without priority inheritance serves those who wait in no order.
    let inOrder = mapping.mutex(Layout.headMutex).initialise(inherits: true) == 0
    if !inOrder { try make(Layout.headMutex) }
    try make(Layout.claimsMutex)
    for slot in 0..<Layout.memberCapacity { try make(Layout.membersStart + slot * Layout.memberSize) }
    mapping.word32(Layout.inOrderAt).store(inOrder ? 1 : 0)
    // `passedOver` is 0, and must not be the value of `head`.
    mapping.word32(Layout.head).store(1 << 2)
    Header(version: Layout.version, size: UInt32(Layout.fileSize), boot: boot).write(to: mapping)
    mapping.word64(Layout.initialisedAt).store(unixMilliseconds())
    mapping.word64(Layout.namespaceAt).store(ThisProcess.namespace)
    step(.filled)
    mapping.word64(Layout.magicAt).publish(Layout.magic)
    step(.finished)
  }
}

private struct Header {
  let version: UInt32
  let size: UInt32
  let boot: BootID

  init(version: UInt32, size: UInt32, boot: BootID) {
    self.version = version
    self.size = size
    self.boot = boot
  }

  init(_ mapping: Mapping) {
    version = mapping.word32(Layout.versionAt).load()
    size = mapping.word32(Layout.sizeAt).load()
    boot = BootID(high: mapping.word64(Layout.bootAt).load(), low: mapping.word64(Layout.bootAt + 8).load())
  }

  func write(to mapping: Mapping) {
    mapping.word32(Layout.versionAt).store(version)
    mapping.word32(Layout.sizeAt).store(size)
    mapping.word64(Layout.bootAt).store(boot.high)
    mapping.word64(Layout.bootAt + 8).store(boot.low)
  }
}
