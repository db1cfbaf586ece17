package import Synchronization

/// A number in the page that all processes change, atomically. It keeps the page mapped.
///
/// Loads acquire, stores release; what reads and writes at once is in one order for all.
package struct Register: Sendable {
  private let mapping: Mapping
  private let word: Word64

  init(_ mapping: Mapping, _ word: Word64) {
    self.mapping = mapping
    self.word = word
  }

  package func load() -> UInt64 { word.load() }
  package func store(_ value: UInt64) { word.store(value) }
  /// The value before.
  @discardableResult package func exchange(_ value: UInt64) -> UInt64 { word.exchange(value) }
  /// Adds, wrapping around, and returns the value after.
  @discardableResult package func add(_ value: UInt64) -> UInt64 { word.add(value) }

  @discardableResult package func compareExchange(
    expected: UInt64,
    desired: UInt64
  ) -> (exchanged: Bool, original: UInt64) {
    word.compareExchange(expected, desired)
  }

  /// Raises it to a value if it is below, and returns what it is then.
  @discardableResult package func raise(to value: UInt64) -> UInt64 {
    var current = word.load()
    while current < value {
      let (exchanged, original) = word.compareExchange(current, value)
      if exchanged { return value }
      current = original
    }
    return current
  }
}

/// A word in the page that all processes change, atomically, and on which threads of all of them can sleep.
///
/// All of its operations are in one order for all, so that a waiter who sets a word and then looks at another, and
/// a waker who does so the other way round, cannot miss each other.
package struct FutexWord: Sendable {
  private let mapping: Mapping
  private let word: Word32

  init(_ mapping: Mapping, _ word: Word32) {
    self.mapping = mapping
    self.word = word
  }

  package func load() -> UInt32 { word.loadInOrder() }
  package func store(_ value: UInt32) { word.publish(value) }
  /// The value before.
  @discardableResult package func exchange(_ value: UInt32) -> UInt32 { word.exchange(value) }
  /// Adds, wrapping around, and returns the value after.
  @discardableResult package func add(_ value: UInt32) -> UInt32 { word.add(value) }

  @discardableResult package func compareExchange(
    expected: UInt32,
    desired: UInt32
  ) -> (exchanged: Bool, original: UInt32) {
    word.compareExchange(expected, desired)
  }

  /// Sleeps while it has this value, until woken with one of these bits; nil waits for ever. Look again afterwards.
  @discardableResult package func wait(
    while expected: UInt32,
    bits: UInt32 = .max,
    timeout: Duration?
  ) -> Futex.Awakening {
    guard let end = Moment.after(timeout) else { return word.wait(expected, bits: bits) }
    return word.wait(expected, bits: bits, timeout: max(0, end - Moment.now))
  }

  /// Wakes at most `count` of those who sleep with one of these bits, and says how many it woke.
  @discardableResult package func wake(_ count: Int = .max, bits: UInt32 = .max) -> Int {
    word.wake(Int32(clamping: count), bits: bits)
  }
}

/// All registers by number, without the price of a reference for each.
// As ``Word64``; the methods are inlinable, because a commit uses two dozen registers.
@safe package struct RegisterFile: @unchecked Sendable {
  private let mapping: Mapping
  /// All of them lie one after the other in the page.
  @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ mapping: Mapping, _ words: Word64) {
    self.mapping = mapping
    unsafe self.words = words.pointer
  }

  @inlinable package static var count: Int { 64 }

  private func word(_ index: Int) -> Word64 {
    precondition((0..<Self.count).contains(index))
    return unsafe Word64(pointer: words + index)
  }

  @inlinable @inline(__always) package func load(_ index: Int) -> UInt64 {
    precondition(UInt(bitPattern: index) < UInt(Self.count))
    return unsafe words[index].load(ordering: .acquiring)
  }

  @inlinable @inline(__always) package func store(_ value: UInt64, _ index: Int) {
    precondition(UInt(bitPattern: index) < UInt(Self.count))
    unsafe words[index].store(value, ordering: .releasing)
  }

  /// Whether it had the expected value, and has the new one now.
  package func exchange(_ index: Int, expected: UInt64, _ value: UInt64) -> Bool {
    word(index).compareExchange(expected, value).exchanged
  }

  /// As ``Register/raise(to:)``.
  package func raise(_ index: Int, to value: UInt64) {
    Register(mapping, word(index)).raise(to: value)
  }
}
