internal import Synchronization

/// Keeps a few objects of one class for the next call, because making their buffers costs more than a small value.
///
/// Not generic, so that no call pays for looking up metadata; the two users below name their class.
struct CBORPool: ~Copyable {
  /// An object on its way in or out, which nobody else holds.
  private struct Transfer: @unchecked Sendable {
    // Sendable in fact: `give` has checked that this is the only reference.
    var object: AnyObject?
  }

  private let resting = Mutex<[Transfer]>([])
  private let limit = 8

  func take() -> AnyObject? {
    resting.withLock { $0.popLast() }?.object
  }

  /// Takes the object back unless somebody else still refers to it: then it is theirs.
  func give<Pooled: AnyObject>(_ object: inout Pooled) {
    guard isKnownUniquelyReferenced(&object) else { return }
    let transfer = Transfer(object: object)
    resting.withLock { resting in
      if resting.count < limit { resting.append(transfer) }
    }
  }
}

extension CBORWriter {
  private static let pool = CBORPool()

  /// Calls the body with an empty writer, whose buffer is kept for the next call.
  static func withPooled<R>(_ body: (CBORWriter) throws -> R) rethrows -> R {
    // Only writers enter this pool.
    var object = pool.take().map { unsafe unsafeDowncast($0, to: CBORWriter.self) } ?? CBORWriter()
    defer {
      object.reset()
      pool.give(&object)
    }
    return try body(object)
  }
}

extension CBORDecodingSession {
  private static let pool = CBORPool()

  /// Decodes the bytes, which have to be exactly one item.
  static func decode<T: Decodable>(
    _ type: T.Type,
    from bytes: UnsafeRawBufferPointer,
    userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> T {
    // Only sessions enter this pool.
    var object = pool.take().map { unsafe unsafeDowncast($0, to: CBORDecodingSession.self) } ?? CBORDecodingSession()
    defer { pool.give(&object) }
    return unsafe try object.decode(type, from: bytes, userInfo: userInfo)
  }
}
