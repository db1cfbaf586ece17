extension CBORWriter {
  /// Maps with more keys than this are dictionaries: their keys are not checked, which would take a set of them.
  private static var checkedKeys: Int { 32 }

  /// Throws, without the key, when the key that begins at `start` and was just written is in the frame's map already:
  /// such a map would be invalid.
  @inline(__always)
  func checkKey(at start: Int) throws {
    if earlierValue(ofKeyAt: start) != nil { throw repeatedKey(at: start) }
  }

  /// Where the frame's map has a value for the key that begins at `start` and was just written; nil when it is new.
  ///
  /// A few bits for each key tell nearly always that it is.
  @inline(__always)
  func earlierValue(ofKeyAt start: Int) -> Int? {
    guard frame.count < Self.checkedKeys else { return nil }
    let hash = hash(from: start)
    let bits: UInt64 = 1 << (hash >> 58) | 1 << (hash >> 52 & 63)
    if frame.keyBits & bits == bits { return search(forKeyAt: start) }
    frame.keyBits |= bits
    return nil
  }

  @inline(never)
  private func search(forKeyAt start: Int) -> Int? {
    unsafe withUnsafeBytes { bytes -> Int? in
      // The reader and both slices live only inside this call.
      var reader = unsafe CBORReader(bytes)
      reader.offset = frame.start + 1
      var waiting = detached[frame.detachedBase...]
      while reader.offset < start {
        let key = reader.offset
        guard (try? reader.skip(depth: 0)) != nil else { return nil }
        let value = reader.offset
        if unsafe bytes[key..<value].elementsEqual(bytes[start...]) { return value }
        // The value of a detached writer is not there yet.
        if waiting.first?.offset == value {
          waiting.removeFirst()
        } else if (try? reader.skip(depth: 0)) == nil {
          return nil
        }
      }
      return nil
    }
  }

  @inline(never)
  private func repeatedKey(at start: Int) -> EncodingError {
    let key = key(at: start).stringValue
    truncate(to: start)
    return error("The key \"\(key)\" is encoded twice in one map.")
  }
}
