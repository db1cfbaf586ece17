internal import Synchronization

/// Eight bytes of the page that all processes change.
///
/// Loads acquire, stores release, and what reads and writes at once is in one order for all (sequentially consistent).
// `Atomic` is nothing but its value, works without a lock and so by address alone: it holds between processes as it does
// between threads. The address is aligned, and mapped as long as the mapping lives, which whoever has a `Word64` keeps.
@safe struct Word64: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  @inline(__always) func load() -> UInt64 { unsafe pointer.pointee.load(ordering: .acquiring) }
  @inline(__always) func store(_ value: UInt64) { unsafe pointer.pointee.store(value, ordering: .releasing) }

  /// A store that no later load passes.
  @inline(__always) func publish(_ value: UInt64) {
    unsafe pointer.pointee.store(value, ordering: .sequentiallyConsistent)
  }

  /// The value before.
  @inline(__always) func exchange(_ value: UInt64) -> UInt64 {
    unsafe pointer.pointee.exchange(value, ordering: .sequentiallyConsistent)
  }

  /// The value after, which wraps around.
  @inline(__always) func add(_ value: UInt64) -> UInt64 {
    unsafe pointer.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent).newValue
  }

  @inline(__always) func set(_ bits: UInt64) {
    unsafe pointer.pointee.bitwiseOr(bits, ordering: .sequentiallyConsistent)
  }

  @inline(__always) func clear(_ bits: UInt64) {
    unsafe pointer.pointee.bitwiseAnd(~bits, ordering: .sequentiallyConsistent)
  }

  /// A load that passes no earlier store of the same kind.
  @inline(__always) func loadInOrder() -> UInt64 { unsafe pointer.pointee.load(ordering: .sequentiallyConsistent) }

  @inline(__always) func compareExchange(_ expected: UInt64, _ desired: UInt64) -> (exchanged: Bool, original: UInt64) {
    unsafe pointer.pointee.compareExchange(expected: expected, desired: desired, ordering: .sequentiallyConsistent)
  }
}

/// Four bytes of the page that all processes change and on which threads can sleep. As ``Word64``.
@safe struct Word32: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Atomic<UInt32>>

  @inline(__always) func load() -> UInt32 { unsafe pointer.pointee.load(ordering: .acquiring) }
  @inline(__always) func store(_ value: UInt32) { unsafe pointer.pointee.store(value, ordering: .releasing) }

  /// A store that no later load passes.
  @inline(__always) func publish(_ value: UInt32) {
    unsafe pointer.pointee.store(value, ordering: .sequentiallyConsistent)
  }

  /// A load that passes no earlier store of the same kind.
  @inline(__always) func loadInOrder() -> UInt32 { unsafe pointer.pointee.load(ordering: .sequentiallyConsistent) }

  @inline(__always) func exchange(_ value: UInt32) -> UInt32 {
    unsafe pointer.pointee.exchange(value, ordering: .sequentiallyConsistent)
  }

  @inline(__always) func add(_ value: UInt32) -> UInt32 {
    unsafe pointer.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent).newValue
  }

  @inline(__always) func compareExchange(_ expected: UInt32, _ desired: UInt32) -> (exchanged: Bool, original: UInt32) {
    unsafe pointer.pointee.compareExchange(expected: expected, desired: desired, ordering: .sequentiallyConsistent)
  }

  func wait(_ expected: UInt32, bits: UInt32 = .max, timeout: Int64 = -1) -> Futex.Awakening {
    unsafe Futex.wait(pointer, expected, bits: bits, timeout: timeout)
  }

  @discardableResult func wake(_ count: Int32 = .max, bits: UInt32 = .max) -> Int {
    unsafe Futex.wake(pointer, count, bits: bits)
  }
}
