internal import LMDBPlatform

/// The calling thread, as a number that no other living thread of this process has. Never zero.
enum ThreadIdentity {
  @inline(__always)
  static var current: UInt {
    #if canImport(Darwin)
      unsafe UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }
}
