import CPowerCut
import Foundation
import Glibc
import PowerSimulation

/// Has the kernel write what it has in its cache, when nobody waits for it: as it does when memory is short. Otherwise it
/// would keep to itself for seconds what no sync asks for, and the disk would seldom have anything to put in disorder.
final class Writeback: @unchecked Sendable {
  private let store: String
  private let neighbour: String
  private let done = DispatchSemaphore(value: 0)
  private let lock = NSLock()
  private var isOver = false

  /// - Parameter pause: in microseconds, at most.
  init(_ root: String, pause: Int, seed: UInt64) {
    store = root + "/store"
    neighbour = root + "/neighbour"
    Thread { [self] in
      var chance = Chance(seed: seed)
      while !lock.withLock({ isOver }) {
        usleep(UInt32(chance.below(pause)))
        // Another program's sync makes the file system write its journal, and all data that this speaks of.
        if chance.once(in: 30) { syncNeighbour() } else { writeSome(&chance) }
      }
      done.signal()
    }.start()
  }

  func stop() {
    lock.withLock { isOver = true }
    done.wait()
  }

  private func writeSome(_ chance: inout Chance) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: store).sorted()) ?? []
    guard !names.isEmpty else { return }
    let descriptor = open(store + "/" + names[chance.below(names.count)], O_RDONLY | O_CLOEXEC)
    // It may have gone.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let pages = max(1, Int(lseek(descriptor, 0, SEEK_END)) / 4096)
    let isWhole = chance.once(in: 2)
    let start = isWhole ? 0 : chance.below(pages)
    let count = isWhole ? pages : 1 + chance.below(8)
    _ = cpowercut_start_writing(descriptor, Int64(start * 4096), Int64(count * 4096))
  }

  private func syncNeighbour() {
    let descriptor = open(neighbour, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = write(descriptor, "neighbour", 9)
    _ = fsync(descriptor)
  }
}
