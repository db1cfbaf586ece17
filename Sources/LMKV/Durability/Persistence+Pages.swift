internal import ControlPage
internal import LMDB

/// Guarding the pages of the checkpoint.
///
/// LMDB gives out again the pages that were freed before the oldest snapshot. So as long as the file is dirty one process
/// pins a snapshot, and every page that was freed before it is either none of the checkpoint's or has its image in the
/// file `checkpoint`. From time to time the pages that were freed since are looked at, and the pin moves on. Where too
/// many images would be needed it stays where it is: the file grows then, until the next checkpoint.
///
/// Whoever writes takes the pin over from the one who did before; between the two, for the time of a change of threads,
/// there is none, because nobody of us writes.
extension Persistence {
  /// How many images of pages a checkpoint keeps, at most.
  private static let maxImages: UInt64 = 2_048
  /// After so many transactions the pin moves on, at the latest. The list of free pages is to fit in one page.
  private static let longestWindow: UInt64 = 32
  /// It moves on sooner where that many transactions free more pages than this.
  private static let pagesInWindow: UInt64 = 128
  /// And as soon as the file has grown by so many pages.
  private static let growth: UInt64 = 64

  /// Sees to it that the transaction that begins now uses no page of the checkpoint that cannot be put back.
  ///
  /// - Parameter last: the transaction that it follows on, the newest.
  /// - Returns: false when that cannot be told any more, and a checkpoint must be made first.
  func guardPages(_ environment: Environment, after last: UInt64) throws(LMDBError) -> Bool {
    guard let state, let control else { return false }
    if pin != nil, state[.pinOwner] == control.me.rawValue {
      let isDue = last - state[.safeTransaction] >= window || environment.lastPage > pinnedLastPage + Self.growth
      if isDue, state[.imageCount] <= Self.maxImages {
        _ = try movePin(environment, to: last)
      }
      return true
    }
    dropPin(environment)
    let isPinned = isPinnedByAnother(control, state)
    guard isPinned || state[.safeTransaction] == last else { return false }
    return try movePin(environment, to: last) || isPinned
  }

  /// Whether another living process pins. As long as it lives nobody frees its reader slot.
  func isPinnedByAnother(_ control: ControlPage, _ state: SharedState) -> Bool {
    guard let owner = MemberID(rawValue: state[.pinOwner]), owner != control.me else { return false }
    return control.members.isAlive(owner)
  }

  /// Whether somebody pins.
  func isPinned(_ control: ControlPage, _ state: SharedState) -> Bool {
    state[.pinOwner] == control.me.rawValue ? pin != nil : isPinnedByAnother(control, state)
  }

  /// Looks at what was freed since, and pins the newest snapshot instead. Not if that would need too many images.
  private func movePin(_ environment: Environment, to last: UInt64) throws(LMDBError) -> Bool {
    let snapshot = try environment.beginPin()
    do throws(LMDBError) {
      guard try save(pagesFreedUntil: last, snapshot, environment) else {
        environment.endPin(snapshot)
        return false
      }
    } catch {
      environment.endPin(snapshot)
      throw error
    }
    keep(snapshot, environment)
    return true
  }

  private func keep(_ snapshot: Pin, _ environment: Environment) {
    guard let state, let control else { return }
    dropPin(environment)
    pinnedLastPage = environment.lastPage
    environment.parkPin()
    pin = snapshot
    state[.pinTransaction] = unsafe snapshot.raw.id
    state[.pinOwner] = control.me.rawValue
  }

  /// Pins the newest snapshot, whatever was freed before it, when `body` has looked at it.
  func pinNewest(
    _ environment: Environment,
    _ body: (Pin) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    let snapshot = try environment.beginPin()
    do throws(LMDBError) {
      try body(snapshot)
    } catch {
      environment.endPin(snapshot)
      throw error
    }
    keep(snapshot, environment)
  }

  func dropPin(_ environment: Environment) {
    guard let pin else { return }
    environment.unparkPin()
    environment.endPin(pin)
    self.pin = nil
  }

  /// Leaves the pin to the next process that writes, which waits already. Under the turn.
  func handPinOver(_ environment: Environment) throws(LMDBError) {
    guard let state, let control, pin != nil, state[.pinOwner] == control.me.rawValue else { return }
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    guard try save(pagesFreedUntil: state[.lastTransaction], snapshot, environment) else { return }
    state[.pinOwner] = 0
    dropPin(environment)
  }

  /// Whether a slot of the reader table is the pin.
  func isPin(_ reader: Environment.Reader) -> Bool {
    guard let state, let control, let owner = MemberID(rawValue: state[.pinOwner]) else { return false }
    return reader.transactionID == state[.pinTransaction] && reader.processID == control.members.info(owner)?.processID
  }

  /// How many bytes of pages the pin keeps from being used again, because it cannot move on.
  func keptSize(_ environment: Environment) throws(LMDBError) -> Int {
    guard let state, state[.imageCount] > Self.maxImages else { return 0 }
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    var count = 0
    try unsafe FreeList.forEach(freedAfter: state[.safeTransaction], until: .max - 1, snapshot.raw) { _ in count += 1 }
    return try count * environment.info().pageSize
  }

  // MARK: Images

  /// Saves the images of the checkpoint's pages that transactions have freed until one of them.
  ///
  /// - Returns: false when they are too many. Nothing has changed then.
  private func save(
    pagesFreedUntil last: UInt64,
    _ snapshot: Pin,
    _ environment: Environment
  ) throws(LMDBError) -> Bool {
    guard let state else { return false }
    let safe = state[.safeTransaction]
    guard safe < last else { return true }
    let files = try openFiles()
    try files.pages.adopt(lastPage: state[.lastPage])
    var pages: [UInt64] = []
    var count: UInt64 = 0
    try unsafe FreeList.forEach(freedAfter: safe, until: last, snapshot.raw) {
      count += 1
      if files.pages.contains($0) { pages.append($0) }
    }
    let perTransaction = count / (last - safe) + 1
    window = min(max(Self.pagesInWindow / perTransaction, 1), Self.longestWindow)
    guard state[.imageCount] + UInt64(pages.count) <= Self.maxImages else {
      // There will not be fewer: not even looked for again before the next checkpoint.
      state[.imageCount] = Self.maxImages + 1
      return false
    }
    if !pages.isEmpty { try save(pages, files, state) }
    state[.safeTransaction] = last
    return true
  }

  private func save(_ pages: [UInt64], _ files: Files, _ state: SharedState) throws(LMDBError) {
    guard let size = try files.data.newestMeta()?.pageSize else { throw LMDBError(.corrupted, "read \(dataPath)") }
    var images: [(number: UInt64, bytes: [UInt8])] = []
    for number in pages { images.append((number, try files.data.page(number, size: size))) }
    state[.isChanging] = 1
    try files.checkpoint.add(images, from: Int(state[.imageCount]), generation: state[.generation])
    state[.imageCount] += UInt64(pages.count)
    for number in pages { files.pages.clear(number) }
    state[.isChanging] = 0
  }
}
