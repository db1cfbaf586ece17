internal import LMDBPlatform

/// The calling thread, as a number that no other living thread of this process has. Never zero.
package enum ThreadIdentity {
  @inline(__always)
  package static var current: UInt {
    #if canImport(Darwin)
      unsafe UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }
}
