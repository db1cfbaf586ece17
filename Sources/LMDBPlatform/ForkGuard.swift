internal import Synchronization

/// Tells whether this process was forked after a given moment.
///
/// A forked child inherits the map and the reader slots of its parent, and would act under the parent's name; LMDB
/// does not notice. `getpid` in each transaction would be a system call, so a handler counts the forks instead.
package enum ForkGuard {
  private static let forks = Atomic<Int>(0)

  /// Installed once, when the first environment or control page opens. A fork before that concerns nobody.
  private static let installed: Bool = {
    pthread_atfork(nil, nil, { ForkGuard.forks.add(1, ordering: .relaxed) }) == 0
  }()

  /// How many forks lie between the first process and this one.
  package static var generation: Int {
    forks.load(ordering: .relaxed)
  }

  package static func install() {
    _ = installed
  }
}
