internal import Synchronization

/// Keeps a few writers and sessions for the next call, because making their buffers costs more than a small value.
struct CBORPool<Pooled: AnyObject>: ~Copyable {
  /// Objects at rest. They leave and enter under the lock, and only when nobody else holds a reference.
  private struct Resting: @unchecked Sendable {
    var objects: [Pooled] = []
  }

  private let resting = Mutex(Resting())
  private let make: @Sendable () -> Pooled
  private let limit = 8

  init(make: @escaping @Sendable () -> Pooled) {
    self.make = make
  }

  /// Calls the body with an object that nobody else uses meanwhile.
  @inline(__always)
  func with<R>(_ body: (Pooled) throws -> R) rethrows -> R {
    var object = take()
    defer { give(&object) }
    return try body(object)
  }

  private func take() -> Pooled {
    let found = resting.withLock { resting in Resting(objects: resting.objects.popLast().map { [$0] } ?? []) }
    return found.objects.first ?? make()
  }

  private func give(_ object: inout Pooled) {
    // A container that somebody kept still refers to it: then it is theirs.
    guard isKnownUniquelyReferenced(&object) else { return }
    let returned = Resting(objects: [object])
    resting.withLock { resting in
      if resting.objects.count < limit { resting.objects += returned.objects }
    }
  }
}

extension CBORWriter {
  private static let pool = CBORPool { CBORWriter() }

  /// Calls the body with an empty writer, whose buffer is kept for the next call.
  @inline(__always)
  static func withPooled<R>(_ body: (CBORWriter) throws -> R) rethrows -> R {
    try pool.with { writer in
      defer { writer.reset() }
      return try body(writer)
    }
  }
}

extension CBORDecodingSession {
  private static let pool = CBORPool { CBORDecodingSession() }

  /// Decodes the bytes, which have to be exactly one item.
  @inline(__always)
  static func decode<T: Decodable>(
    _ type: T.Type, from bytes: UnsafeRawBufferPointer, userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> T {
    try pool.with { session in unsafe try session.decode(type, from: bytes, userInfo: userInfo) }
  }
}
