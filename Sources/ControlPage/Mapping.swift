internal import LMDBPlatform
internal import Synchronization

/// The page in this process's memory. Everything that points into it keeps this object.
// `base` never changes, and what it points to is changed by atomic operations and under mutexes alone.
@safe final class Mapping: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let forks: Int

  init(descriptor: Int32, path: String) throws(ControlPageError) {
    let mapped = unsafe mmap(nil, Layout.fileSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw .system(code: errno, doing: "map \(path)")
    }
    unsafe base = mapped
    forks = ForkGuard.generation
  }

  deinit {
    // In a forked child this is the child's own mapping, and goes too.
    unsafe munmap(base, Layout.fileSize)
  }

  @inline(__always) var isForked: Bool { ForkGuard.generation != forks }

  func checkFork() throws(ControlPageError) {
    if isForked { throw .forked }
  }

  func word64(_ offset: Int) -> Word64 {
    precondition(offset & 7 == 0 && offset >= 0 && offset + 8 <= Layout.fileSize)
    return unsafe Word64(pointer: (base + offset).bindMemory(to: Atomic<UInt64>.self, capacity: 1))
  }

  func word32(_ offset: Int) -> Word32 {
    precondition(offset & 3 == 0 && offset >= 0 && offset + 4 <= Layout.fileSize)
    return unsafe Word32(pointer: (base + offset).bindMemory(to: Atomic<UInt32>.self, capacity: 1))
  }

  func mutex(_ offset: Int) -> RobustMutex {
    precondition(offset & 7 == 0 && offset >= 0 && offset + 64 <= Layout.fileSize)
    return unsafe RobustMutex(pointer: base + offset)
  }

  /// Bytes that one process at a time uses, as other words say.
  func bytes(_ offset: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(offset >= 0 && count >= 0 && offset + count <= Layout.fileSize)
    return unsafe UnsafeMutableRawBufferPointer(start: base + offset, count: count)
  }

  /// Makes the part zero that has blocks from the beginning, and says of the rest that nothing of it is in use. Nobody else
  /// maps it.
  func clear() {
    unsafe memset(base, 0, Layout.firstSize)
  }
}
