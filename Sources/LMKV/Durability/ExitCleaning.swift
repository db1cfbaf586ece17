internal import ControlPage
internal import LMDB
internal import LMDBPlatform

/// Makes stores clean when the process ends by `exit` without having closed them, so that the next to open them has
/// nothing to recover, and other LMDB programs find a file that is on the disk.
///
/// What is being written at that moment is not waited for: the store is dirty then, which costs the next one a recovery.
enum ExitCleaning {
  private static let patience = Duration.milliseconds(100)

  private static let installed: Bool = {
    atexit { SharedStore.forEachOpen(ExitCleaning.clean) } == 0
  }()

  /// Once for the process. Without it, which only want of memory can cause, exits are as kills are.
  static func install() {
    _ = installed
  }

  private static func clean(_ path: CommitPath) {
    guard let persistence = path.persistence, let control = persistence.control, let state = persistence.state,
      !persistence.options.isReadOnly, !control.isForked, state.flag(.isDirty), control.members.isAlone,
      !persistence.isReplaced
    else { return }
    do throws(TurnError) {
      _ = try control.turn.take(timeout: patience)
    } catch {
      return
    }
    defer { control.turn.release() }
    persistence.cleanUp(path.environment, state)
  }
}
