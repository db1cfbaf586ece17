import Foundation
import PowerSimulation

extension Driver {
  /// FILE: 64 pages, synced; others in their place, whose sync fails; one more, synced.
  static func forgetful(_ path: String) throws {
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0 else { throw SimulationError("create \(path): errno \(errno)") }
    for (fill, range) in [(UInt8(1), 0..<64), (2, 0..<64), (3, 64..<65)] {
      let page = [UInt8](repeating: fill, count: 4_096)
      for index in range {
        guard pwrite(file, page, page.count, off_t(index * page.count)) == page.count else {
          throw SimulationError("write \(path): errno \(errno)")
        }
      }
      guard (fsync(file) == 0) == (fill != 2) else { throw SimulationError("the sync after \(fill): errno \(errno)") }
    }
    close(file)
  }
}
