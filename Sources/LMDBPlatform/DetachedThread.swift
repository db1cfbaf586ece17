private final class Body {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs `body` on a new thread, which nobody joins.
///
/// - Returns: 0, or the `errno` that says why the system gives no thread; `body` does not run then.
package func startDetachedThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
  // The thread takes over the reference that is passed to it.
  let argument = Unmanaged.passRetained(Body(body)).toOpaque()
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let code = pthread_create(
    &thread,
    nil,
    { argument in
      #if canImport(Darwin)
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
      #else
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
      #endif
      return nil
    },
    argument
  )
  guard code == 0 else {
    Unmanaged<Body>.fromOpaque(argument).release()
    return code
  }
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif
  return 0
}
