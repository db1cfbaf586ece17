internal import Synchronization

/// A counter for each handle number, to be read by any thread.
// The memory lives as long as the object, at one address, and its elements are atomic. Every number comes from LMDB, which
// knows as many databases as there are counters.
@safe final class HandleGenerations: @unchecked Sendable {
  private let counters: UnsafeMutableBufferPointer<Atomic<UInt32>>

  init(count: Int) {
    unsafe counters = .allocate(capacity: count)
    for index in 0..<count { unsafe counters.initializeElement(at: index, to: Atomic(0)) }
  }

  deinit {
    unsafe counters.deinitialize().deallocate()
  }

  subscript(number: UInt32) -> UInt32 {
    return unsafe counters[Int(number)].load(ordering: .relaxed)
  }

  func raise(_ number: UInt32) {
    unsafe counters[Int(number)].add(1, ordering: .relaxed)
  }
}
