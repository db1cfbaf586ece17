internal import LMDBPlatform

/// A stretch of keys, in byte order.
public struct KeyRange: Hashable, Sendable {
  /// One end of a range.
  public enum Bound: Hashable, Sendable {
    case unbounded
    case including([UInt8])
    case excluding([UInt8])
  }

  public var lower: Bound
  public var upper: Bound

  public init(lower: Bound = .unbounded, upper: Bound = .unbounded) {
    self.lower = lower
    self.upper = upper
  }

  /// Every key.
  public static let all = KeyRange()

  /// The keys that begin with `prefix`.
  public static func prefix(_ prefix: some ByteSource) -> KeyRange {
    let bytes = prefix.withBytes { span in unsafe span.withUnsafeBytes { unsafe [UInt8]($0) } }
    guard !bytes.isEmpty else { return .all }
    return KeyRange(lower: .including(bytes), upper: successor(ofPrefix: bytes).map { .excluding($0) } ?? .unbounded)
  }

  /// The least byte string that is greater than everything with this prefix. Nil when there is none.
  package static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
    guard let index = prefix.lastIndex(where: { $0 != 0xFF }) else { return nil }
    var bytes = Array(prefix[...index])
    bytes[index] += 1
    return bytes
  }

  /// The same range of possible keys, with bounds that LMDB can look for: a key is at most 511 bytes, so it comes after
  /// a longer bound if and only if it comes after the bound's first 511 bytes.
  var clamped: KeyRange {
    func clamp(_ bound: Bound, _ shortened: ([UInt8]) -> Bound) -> Bound {
      switch bound {
      case .including(let key) where key.count > 511, .excluding(let key) where key.count > 511:
        shortened(Array(key.prefix(511)))
      default: bound
      }
    }
    return KeyRange(lower: clamp(lower) { .excluding($0) }, upper: clamp(upper) { .including($0) })
  }

  /// Whether a key lies before the upper end.
  package func isBelowUpper(_ key: UnsafeRawBufferPointer) -> Bool {
    switch upper {
    case .unbounded: true
    case .including(let bound): unsafe Self.compare(key, bound) <= 0
    case .excluding(let bound): unsafe Self.compare(key, bound) < 0
    }
  }

  /// Whether a key lies after the lower end.
  package func isAboveLower(_ key: UnsafeRawBufferPointer) -> Bool {
    switch lower {
    case .unbounded: true
    case .including(let bound): unsafe Self.compare(key, bound) >= 0
    case .excluding(let bound): unsafe Self.compare(key, bound) > 0
    }
  }

  /// As C's `memcmp`, and a prefix comes before what it begins.
  private static func compare(_ key: UnsafeRawBufferPointer, _ bound: [UInt8]) -> Int {
    let common = min(key.count, bound.count)
    let order = unsafe bound.withUnsafeBytes { bound in
      // An empty buffer may have no address; then nothing is compared.
      guard common > 0, let left = key.baseAddress, let right = bound.baseAddress else { return Int32(0) }
      return unsafe memcmp(left, right, common)
    }
    return order != 0 ? Int(order) : key.count - bound.count
  }
}

extension RawCursor {
  /// Goes to the first entry of a range, or to its last one.
  package func enter(_ range: KeyRange, backwards: Bool) throws(LMDBError) -> RawEntry? {
    let range = range.clamped
    let entry = unsafe try backwards ? enterFromAbove(range.upper) : enterFromBelow(range.lower)
    return unsafe try within(range, entry)
  }

  /// Goes to the next entry of a range in the direction of travel.
  package func advance(in range: KeyRange, backwards: Bool) throws(LMDBError) -> RawEntry? {
    guard let entry = unsafe try move(backwards ? .previous : .next) else { return nil }
    // It cannot come upon the end that it moves away from.
    return unsafe (backwards ? range.isAboveLower(entry.key) : range.isBelowUpper(entry.key)) ? entry : nil
  }

  private func within(_ range: KeyRange, _ entry: RawEntry?) throws(LMDBError) -> RawEntry? {
    guard let entry = unsafe entry, unsafe range.isBelowUpper(entry.key), unsafe range.isAboveLower(entry.key) else {
      return nil
    }
    return unsafe entry
  }

  private func enterFromBelow(_ bound: KeyRange.Bound) throws(LMDBError) -> RawEntry? {
    switch bound {
    case .unbounded:
      return unsafe try move(.first)
    case .including(let key):
      return unsafe try seek(key)
    case .excluding(let key):
      guard let entry = unsafe try seek(key) else { return nil }
      return unsafe try entry.key.elementsEqual(key) ? move(.next) : entry
    }
  }

  private func enterFromAbove(_ bound: KeyRange.Bound) throws(LMDBError) -> RawEntry? {
    switch bound {
    case .unbounded:
      return unsafe try move(.last)
    case .excluding(let key):
      return unsafe try seek(key) == nil ? move(.last) : move(.previous)
    case .including(let key):
      guard let entry = unsafe try seek(key) else { return unsafe try move(.last) }
      return unsafe try entry.key.elementsEqual(key) ? entry : move(.previous)
    }
  }

  private func seek(_ key: [UInt8]) throws(LMDBError) -> RawEntry? {
    guard !key.isEmpty else { return unsafe try move(.first) }
    return unsafe try key.withPointer { (key) throws(LMDBError) in unsafe try move(.atOrAfter, key) }
  }
}

extension Cursor {
  /// Lends the entries of a range to `body`, one after the other, until it returns false.
  ///
  /// ```swift
  /// try cursor.forEach(in: .prefix("user:"), reversed: true) { key, value in
  ///   print(key.byteCount)
  ///   return true
  /// }
  /// ```
  ///
  /// For databases in byte order. With a cursor that writes, `body` may delete the current entry.
  public borrowing func forEach<E: Error>(
    in range: KeyRange = .all,
    reversed: Bool = false,
    _ body: (RawSpan, RawSpan) throws(E) -> Bool
  ) throws {
    var entry = unsafe try raw.enter(range, backwards: reversed)
    while let current = unsafe entry {
      guard try body(unsafe current.key.bytes, unsafe current.value.bytes) else { return }
      unsafe entry = try raw.advance(in: range, backwards: reversed)
    }
  }
}
