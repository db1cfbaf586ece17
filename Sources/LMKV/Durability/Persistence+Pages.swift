internal import LMDB

/// Guarding the pages of the checkpoint.
///
/// LMDB gives out again the pages that were freed before the oldest snapshot. So as long as the file is dirty one process
/// pins a snapshot, and every page that was freed before it is either none of the checkpoint's or has its image in the
/// file `checkpoint`. From time to time the pages that were freed since are looked at, and the pin moves on. Where too
/// many images would be needed it stays where it is: the file grows then, until the next checkpoint.
extension Persistence {
  /// Sees to it that the transaction that begins now uses no page of the checkpoint that cannot be put back.
  ///
  /// - Parameter last: the transaction that it follows on, the newest.
  /// - Returns: false when that cannot be told any more, and a checkpoint must be made first.
  func guardPages(_ environment: Environment, after last: UInt64, mayBlock: Bool) throws(LMDBError) -> Bool {
    guard let state else { return false }
    guard isPinned(environment) else {
      // What was freed so far has its images.
      guard state[.safeTransaction] == last else { return false }
      return try pinNewest(environment, last)
    }
    let isDue =
      owesImages || last &- state[.safeTransaction] >= state[.pinWindow]
      || environment.lastPage > state[.pinLastPage] + limits.growth
    guard isDue, try save(pagesFreedUntil: last, environment, mayBlock: mayBlock) else { return true }
    return movePin(environment, from: state[.pinTransaction], to: last)
  }

  /// Whether the pin stays where it is until the next checkpoint.
  var standsStill: Bool { state.map { $0[.imageCount] > limits.maxImages } ?? false }

  /// How many bytes of pages the pin keeps from being used again, because it cannot move on.
  func keptSize(_ environment: Environment) throws(LMDBError) -> Int {
    guard let state, standsStill else { return 0 }
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    var count = 0
    try unsafe FreeList.forEach(freedAfter: state[.safeTransaction], until: .max - 1, snapshot.raw) { _ in count += 1 }
    return try count * environment.info().pageSize
  }

  // MARK: Images

  /// Saves the images of the checkpoint's pages that transactions have freed until one of them.
  ///
  /// - Returns: false when they are too many, or it would have to wait for the disk and may not. Nothing has changed then.
  func save(
    pagesFreedUntil last: UInt64,
    _ environment: Environment,
    mayBlock: Bool = true
  ) throws(LMDBError) -> Bool {
    owesImages = false
    guard let state, !standsStill else { return false }
    let safe = state[.safeTransaction]
    guard safe < last else { return true }
    let files = try openFiles()
    // LMDB does not show the list of free pages to a write transaction.
    let snapshot = try environment.beginPin()
    defer { environment.endPin(snapshot) }
    try files.pages.adopt(lastPage: state[.lastPage])
    var pages: [UInt64] = []
    var count: UInt64 = 0
    try unsafe FreeList.forEach(freedAfter: safe, until: last, snapshot.raw) {
      count += 1
      if files.pages.contains($0) { pages.append($0) }
    }
    let perTransaction = count / (last - safe) + 1
    state[.pinWindow] = min(max(limits.pagesInWindow / perTransaction, 1), limits.longestWindow)
    guard state[.imageCount] + UInt64(pages.count) <= limits.maxImages else {
      // There will not be fewer: not even looked for again before the next checkpoint.
      state[.imageCount] = limits.maxImages + 1
      caretaker.hurry()
      return false
    }
    owesImages = !mayBlock && !pages.isEmpty
    if owesImages { return false }
    if !pages.isEmpty { try save(pages, files, state) }
    state[.safeTransaction] = last
    return true
  }

  private func save(_ pages: [UInt64], _ files: Files, _ state: SharedState) throws(LMDBError) {
    guard let size = try files.data.newestMeta()?.pageSize else { throw LMDBError(.corrupted, "read \(paths.data)") }
    var images: [(number: UInt64, bytes: [UInt8])] = []
    for number in pages { images.append((number, try files.data.page(number, size: size))) }
    state[.isChanging] = 1
    try files.checkpoint.add(images, from: Int(state[.imageCount]), generation: state[.generation])
    try state.syncing { () throws(LMDBError) in try files.checkpoint.file.sync() }
    state[.imageCount] += UInt64(pages.count)
    state[.savedImages] = state[.imageCount]
    for number in pages { files.pages.clear(number) }
    state[.isChanging] = 0
  }
}
