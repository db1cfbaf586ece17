/// Where a map's pairs are.
struct CBORMapLocation {
  var start: Int
  /// Where the first pair begins.
  var first: Int
  var count: Int
  var isIndefinite: Bool
  /// How many arrays, maps and tags are open inside it.
  var depth: Int

  var beginning: CBORDecodingSession.Progress {
    CBORDecodingSession.Progress(
      start: start,
      cursor: first,
      remaining: count,
      isIndefinite: isIndefinite,
      isMap: true,
      depth: depth
    )
  }
}

extension CBORDecodingSession {
  /// A reader at the value of a key, nil without one. The pair is then the next one: `advance` goes past it.
  ///
  /// Looks at the next pair first, because keys are mostly asked for in the order in which they were written.
  @inline(__always)
  func find(_ key: some CodingKey, in map: CBORMapLocation) throws(CBORFault) -> CBORReader? {
    if progress.start != map.start { progress = map.beginning }
    var reader = input
    reader.offset = progress.cursor
    var text = key.stringValue
    return unsafe try withUTF8(of: &text) { utf8 throws(CBORFault) in
      if progress.remaining > 0, unsafe try reader.match(utf8, key.intValue) { return reader }
      return unsafe try search(utf8, key.intValue, in: map)
    }
  }

  /// `String.withUTF8` with a typed error.
  @inline(__always)
  private func withUTF8<R>(
    of text: inout String,
    _ body: (UnsafeBufferPointer<UInt8>) throws(CBORFault) -> R
  ) throws(CBORFault) -> R {
    // The buffer is valid for the body's call.
    let result: Result<R, CBORFault> = text.withUTF8 { utf8 in
      do throws(CBORFault) { return .success(unsafe try body(utf8)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Looks through the pairs behind the next one and then through those before it.
  @inline(never)
  private func search(
    _ text: UnsafeBufferPointer<UInt8>,
    _ integer: Int?,
    in map: CBORMapLocation
  ) throws(CBORFault) -> CBORReader? {
    let behind = progress.remaining
    var reader = input
    reader.offset = progress.cursor
    if let found = unsafe try scan(text, integer, behind, remaining: behind, from: reader, in: map) { return found }
    reader.offset = map.first
    return unsafe try scan(text, integer, map.count - behind, remaining: map.count, from: reader, in: map)
  }

  private func scan(
    _ text: UnsafeBufferPointer<UInt8>,
    _ integer: Int?,
    _ pairs: Int,
    remaining: Int,
    from start: CBORReader,
    in map: CBORMapLocation
  ) throws(CBORFault) -> CBORReader? {
    var reader = start
    for pair in 0..<pairs {
      let offset = reader.offset
      if unsafe try reader.match(text, integer) {
        progress.cursor = offset
        progress.remaining = remaining - pair
        return reader
      }
      try reader.skip(depth: map.depth)
      try reader.skip(depth: map.depth)
    }
    return nil
  }

  /// Says that the next pair's value has been read up to here.
  @inline(__always)
  func advance(_ map: CBORMapLocation, to offset: Int) {
    guard progress.start == map.start else { return }
    progress.cursor = offset
    progress.remaining -= 1
  }

  /// The keys of a map that are text or integers, as far as they can be read.
  func keys(in map: CBORMapLocation) -> [CBORKey] {
    var keys: [CBORKey] = []
    var reader = input
    reader.offset = map.first
    for _ in 0..<map.count {
      if let key = reader.readKey() {
        keys.append(key)
      } else if (try? reader.skip(depth: map.depth)) == nil {
        break
      }
      if (try? reader.skip(depth: map.depth)) == nil { break }
    }
    return keys
  }
}
