/// Counts commits of all processes, and wakes those who wait for the next.
package final class CommitCounter: Sendable {
  private let mapping: Mapping
  private let commits: Word64
  private let word: Word32
  /// A mark and not a number: a process that is killed while it waits leaves one wake too many, and no more.
  private let hasWaiters: Word32

  init(_ mapping: Mapping) {
    self.mapping = mapping
    commits = mapping.word64(Layout.commitCount)
    word = mapping.word32(Layout.commitWord)
    hasWaiters = mapping.word32(Layout.commitWaiters)
  }

  package var count: UInt64 { commits.load() }

  /// One more; wakes all who wait. No system call if nobody does. The count after.
  @discardableResult package func advance() throws(ControlPageError) -> UInt64 {
    try mapping.checkFork()
    let count = commits.add(1)
    _ = word.add(1)
    // A waiter sets the mark before it looks at the count for the last time: either it sees this count, or we its mark.
    if hasWaiters.loadInOrder() != 0, hasWaiters.exchange(0) != 0 { word.wake() }
    return count
  }

  /// Waits until the count is greater than `seen`, and returns it; when the time is over, what it is then. Nil waits for
  /// ever. Whoever waits should look for itself now and then: commits of a process that dies before it counts them, or
  /// of a program that does not know the page, wake nobody.
  package func wait(past seen: UInt64, timeout: Duration?) throws(ControlPageError) -> UInt64 {
    try mapping.checkFork()
    let deadline = Moment.after(timeout)
    while true {
      let expected = word.loadInOrder()
      hasWaiters.publish(1)
      let count = commits.add(0)
      if count > seen { return count }
      var left: Int64 = -1
      if let deadline {
        left = deadline - Moment.now
        if left <= 0 { return count }
      }
      _ = word.wait(expected, timeout: left)
    }
  }
}
