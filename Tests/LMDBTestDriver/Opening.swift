import LMDB
import LMDBPlatform

extension Driver {
  /// Says when it opens, as nanoseconds of the monotonic clock, and takes so many milliseconds for it.
  static func openSlowly(_ directory: String, _ milliseconds: String) throws {
    try open(directory) {
      say("\(nanoseconds)")
      usleep((UInt32(milliseconds) ?? 0) * 1_000)
    }
  }

  /// Says when it opens, after a stop there if it is told so, and does not close before it is told.
  static func openAndStay(_ directory: String, _ stop: String) throws {
    let body: @Sendable () -> Void = {
      if !stop.isEmpty { pause(stop) }
      say("\(nanoseconds)")
    }
    try open(directory, isOpen: { pause("open") }, body)
  }

  /// Stops in the middle of opening; with `working`, of work that shows others that it goes on.
  static func holdOpening(_ directory: String, _ kind: String) throws {
    try open(directory, isWork: kind == "working") { pause("opening") }
  }

  /// The same as somebody who may read the files only.
  static func holdOpeningAsReader(_ directory: String, _: String) throws {
    // The superuser may do everything.
    if geteuid() == 0 { guard setgid(65_534) == 0, setuid(65_534) == 0 else { fatalError("setuid") } }
    try open(directory, .readOnly) { pause("opening") }
  }

  private static func open(
    _ directory: String,
    _ access: Environment.Configuration.Access = .readWrite,
    isOpen: () -> Void = { say("open") },
    isWork: Bool = false,
    _ body: @escaping @Sendable () -> Void
  ) throws {
    var configuration = Environment.Configuration()
    configuration.access = access
    // It takes a while until all are there.
    configuration.patience = 60
    let environment = try Environment.open(directory, configuration) { _ in Companion(body, isWork: isWork) }
    isOpen()
    withExtendedLifetime(environment) {}
  }

  private static var nanoseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// Does something under the lock of opening.
  private final class Companion: EnvironmentCompanion {
    private let body: @Sendable () -> Void
    private let isWork: Bool
    init(_ body: @escaping @Sendable () -> Void, isWork: Bool) {
      self.body = body
      self.isWork = isWork
    }
    func prepare(isFirst: Bool, _ work: OpeningWork) {
      if isWork { work.during(body) } else { body() }
    }
    func didOpen(_ environment: Environment) {}
    func isClosing(_ environment: Environment) {}
    func willClose(_ environment: Environment) {}
    func noteOldestSnapshot(since moment: UInt64) {}
    func sweepReaders(_ environment: Environment) -> Int { 0 }
  }
}
