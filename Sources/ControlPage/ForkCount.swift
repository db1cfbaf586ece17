internal import LMDBPlatform
internal import Synchronization

/// Counts the forks that lead to this process: a child has its parent's mapping, but none of its threads, and so is no
/// member. `getpid` at each use would be a system call.
enum ForkCount {
  private static let forks = Atomic<Int>(0)

  /// Installed once, when the first page opens.
  private static let installed: Bool = {
    pthread_atfork(nil, nil, { ForkCount.forks.add(1, ordering: .relaxed) }) == 0
  }()

  static var now: Int { forks.load(ordering: .relaxed) }

  static func install() { _ = installed }
}
