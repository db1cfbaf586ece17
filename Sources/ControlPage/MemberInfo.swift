/// One opening of the page by one process, never mistaken for another: a slot and a random number.
package struct MemberID: Hashable, Sendable {
  /// Slot in the low 16 bits, a random number other than 0 in the rest. 0 is nobody.
  package let rawValue: UInt64

  package init?(rawValue: UInt64) {
    guard rawValue >> 16 != 0, rawValue & 0xFFFF < UInt64(Layout.memberCapacity) else { return nil }
    self.rawValue = rawValue
  }

  /// A new one.
  init(slot: Int) {
    rawValue = UInt64.random(in: 1..<(1 << 48)) << 16 | UInt64(slot)
  }

  package var slot: Int { Int(rawValue & 0xFFFF) }
}

/// A process that has the page open.
package struct MemberInfo: Hashable, Sendable {
  package let id: MemberID
  package let processID: Int32
  /// The last part of the path by which the program was called, at most 63 bytes.
  package let program: String
  /// When the process began, in clock ticks since the system's start: with `processID` it names a process for good.
  package let processStart: UInt64
  /// When it opened the page, Unix milliseconds.
  package let joined: UInt64
  /// Since when its oldest open snapshot is open, nanoseconds of CLOCK_MONOTONIC_COARSE; 0: none is.
  package let oldestSnapshot: UInt64
}
