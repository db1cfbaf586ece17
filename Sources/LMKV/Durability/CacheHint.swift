internal import CFutex
internal import ControlPage
internal import LMDBPlatform

/// Under which circumstances a file was written: in which run of the system, and on which mount of its file system.
///
/// As long as both are the same, what was written is still to be read, even if no sync has brought it to the disk. It is
/// asked only where nothing better is to be had, since it proves nothing in the other direction.
struct CacheHint: Hashable {
  var boot: BootID
  /// Which file of which mount, as a number. 0 where the system does not tell.
  var place: UInt64

  /// Says nothing.
  static let none = CacheHint(boot: BootID(high: 0, low: 0), place: 0)

  /// Of a file as it is now.
  init(_ boot: BootID, of path: String) {
    self.boot = boot
    // Device, inode, and a number of the mount that no other one gets.
    var numbers: [UInt64] = [0, 0, 0]
    let isKnown = unsafe numbers.withUnsafeMutableBufferPointer { numbers in
      guard let start = numbers.baseAddress else { return false }
      return unsafe cfutex_file_place(path, start) == 0
    }
    place = isKnown ? max(1, unsafe numbers.withUnsafeBytes { unsafe XXHash64.hash($0) }) : 0
  }

  init(boot: BootID, place: UInt64) {
    self.boot = boot
    self.place = place
  }

  /// Whether what was written under these circumstances is surely still to be read under the others.
  func holds(under now: CacheHint) -> Bool {
    boot.isKnown && boot == now.boot && place != 0 && place == now.place
  }
}
