internal import LMDBPlatform
internal import Synchronization

/// Tells when another process may have died that has a page open.
///
/// A process has the page's file open until its last thread is gone, whatever ends it: then the kernel closes the file,
/// and says so to whoever watches it (inotify). One thread of this process listens for all pages, and sleeps until then.
package enum DepartureWatch {
  /// Ends the watch when it goes.
  package final class Listening: Sendable {
    private let watch: Int32
    private let token: UInt64

    fileprivate init(_ watch: Int32, _ token: UInt64) {
      self.watch = watch
      self.token = token
    }

    deinit { DepartureWatch.end(watch, token) }
  }

  private struct State {
    var forks = 0
    var descriptor: Int32 = -1
    var lastToken: UInt64 = 0
    var listeners: [Int32: [UInt64: @Sendable () -> Void]] = [:]
  }

  private static let state = Mutex(State())

  /// Calls `body`, on a thread of its own that it must not block, each time that a process may have left a page.
  ///
  /// Nil where the system gives no watch: then whoever waits has to look, now and then.
  package static func listen(_ path: String, _ body: @escaping @Sendable () -> Void) -> Listening? {
    #if os(Linux)
      state.withLock { state in
        // A forked child has its parent's watches, and no thread.
        if state.forks != ForkGuard.generation { state = State(forks: ForkGuard.generation) }
        if state.descriptor < 0, !begin(&state) { return nil }
        // Closed by who may have written it: to look at it takes no such descriptor.
        let watch = unsafe inotify_add_watch(state.descriptor, path, UInt32(IN_CLOSE_WRITE))
        guard watch >= 0 else { return nil }
        state.lastToken += 1
        state.listeners[watch, default: [:]][state.lastToken] = body
        return Listening(watch, state.lastToken)
      }
    #else
      nil
    #endif
  }

  private static func begin(_ state: inout sending State) -> Bool {
    #if os(Linux)
      let descriptor = inotify_init1(Int32(IN_CLOEXEC))
      guard descriptor >= 0 else { return false }
      guard startDetachedThread({ serve(descriptor) }) == 0 else {
        _ = close(descriptor)
        return false
      }
      state.descriptor = descriptor
      return true
    #else
      return false
    #endif
  }

  private static func end(_ watch: Int32, _ token: UInt64) {
    #if os(Linux)
      state.withLock { state in
        guard state.forks == ForkGuard.generation else { return }
        state.listeners[watch]?[token] = nil
        guard state.listeners[watch]?.isEmpty == true else { return }
        state.listeners[watch] = nil
        // Its last event wakes the thread, which ends if there is nothing left to listen for.
        _ = inotify_rm_watch(state.descriptor, watch)
      }
    #endif
  }

  #if os(Linux)
    private static func serve(_ descriptor: Int32) {
      let size = MemoryLayout<inotify_event>.size
      while true {
        var watches: Set<Int32> = []
        // Events of files have no name, so all are of one size.
        let count = unsafe withUnsafeTemporaryAllocation(byteCount: 64 * size, alignment: 8) { buffer in
          let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
          for start in stride(from: 0, to: max(0, count), by: size) {
            watches.insert(unsafe buffer.loadUnaligned(fromByteOffset: start, as: inotify_event.self).wd)
          }
          return count
        }
        guard count > 0 || errno == EINTR else { return }
        let listeners = state.withLock { state -> [@Sendable () -> Void]? in
          guard state.descriptor == descriptor else { return nil }
          // Too many at once, and the kernel names none.
          let heard = watches.contains(-1) ? Array(state.listeners.keys) : Array(watches)
          if state.listeners.isEmpty {
            _ = close(descriptor)
            state.descriptor = -1
            return nil
          }
          return heard.flatMap { state.listeners[$0].map { Array($0.values) } ?? [] }
        }
        guard let listeners else { return }
        for listener in listeners { listener() }
      }
    }
  #endif
}
