extension CBORWriter {
  /// Appends one value as one item. A call that throws leaves the bytes as they were.
  @inline(__always)
  func encode<T: Encodable>(_ value: T) throws {
    // What is known when this is compiled costs no look-up.
    if T.self == Int.self { return append(unsafe unsafeBitCast(value, to: Int.self)) }
    try encodeAny(value)
  }

  private func encodeAny<T: Encodable>(_ value: T) throws {
    let mark = mark
    do {
      try encode(value, key: -1)
    } catch {
      rollBack(to: mark)
      throw error
    }
  }

  /// Appends one value whose key was written at `key`, or -1. When it throws, the caller rolls back.
  @inline(__always)
  func encode<T: Encodable>(_ value: T, key: Int) throws {
    if let direct = directTypes.conformance(of: T.self, lookUp: { T.self as? any CBORDirectEncodable.Type }) {
      try encode(value, as: direct, key: key)
    } else {
      try encodeWithCodable(value, key: key)
    }
  }

  @inline(__always)
  private func encode<T, D: CBORDirectEncodable>(_ value: T, as _: D.Type, key: Int) throws {
    unsafe try withUnsafePointer(to: value) { pointer in
      // D is T: it was found by casting T's own metatype.
      try unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: D.self).pointee.write(to: self, key: key)
    }
  }

  @inline(never)
  private func encodeWithCodable<T: Encodable>(_ value: T, key: Int) throws {
    try push(key: key)
    try value.encode(to: CBORValueEncoder(writer: self, frame: frame.id))
    try close()
  }

  /// Makes the frame's value an array or a map, or goes on with the one that it already is.
  ///
  /// - Returns: the frame, or 0 when it can't become one: writing to frame 0 throws.
  func open(_ kind: CBORFrame.Kind, in id: Int) -> Int {
    guard isInnermost(id) else { return 0 }
    if frame.kind == kind { return id }
    guard frame.kind == .undecided else { return 0 }
    guard frame.depth < CBOR.maxDepth else {
      frame.kind = .tooDeep
      return 0
    }
    frame.kind = kind
    frame.depth += 1
    append(head: kind == .map ? .map : .array, 0)
    return id
  }

  /// Finishes the innermost frame: puts detached bytes in place and the final count into the head.
  func close() throws {
    if detachedCount > frame.detachedBase { try spliceDetached() }
    switch frame.kind {
    case .undecided: append(head: .map, 0)
    case .single, .countedArray, .countedMap: break
    case .array: fixHead(.array)
    case .map: fixHead(.map)
    case .tooDeep: throw tooDeep()
    }
    frameCount -= 1
  }

  /// Opens a frame for an array or a map whose count is known. `close` finishes it.
  func push(_ kind: CBORFrame.Kind, count: Int, key: Int) throws {
    try push(key: key)
    guard frame.depth < CBOR.maxDepth else { throw tooDeep() }
    frame.kind = kind
    frame.depth += 1
    append(head: kind == .countedMap ? .map : .array, UInt64(count))
  }

  private func fixHead(_ major: CBORMajor) {
    let start = frame.start
    let items = UInt64(frame.count)
    if items < 24 {
      store(byte: major.rawValue << 5 | UInt8(items), at: start)
    } else {
      insertGap(of: Self.headSize(items) - 1, at: start)
      overwrite(at: start) { append(head: major, items) }
    }
  }
}
