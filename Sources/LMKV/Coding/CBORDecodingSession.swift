/// What the decoders and containers of one call share: the bytes and how far they have been read.
///
/// Containers are random access, as `Codable` wants, but nearly always read in the order in which things were
/// written. So the session remembers how far the container that was used last has come, as a hint: correctness
/// never depends on it.
final class CBORDecodingSession {
  /// How far the container that begins at `start` has been read.
  struct Progress {
    var start = -1
    /// Where the next element or pair begins.
    var cursor = 0
    /// How many elements or pairs begin at the cursor or behind it.
    var remaining = 0
    var isIndefinite = false
    var isMap = false
    var depth = 0
  }

  /// Reads the whole input; replaced by an empty one when the call is over, so that a decoder that somebody kept
  /// finds nothing instead of memory that is gone.
  private(set) var input = CBORReader.empty
  var progress = Progress()
  private var paths = CBORPathFinder()
  private(set) var userInfo: [CodingUserInfoKey: any Sendable] = [:]
  private let directTypes = CBORTypeCache<any CBORDirectDecodable.Type>()

  /// Decodes the bytes, which have to be exactly one item.
  func decode<T: Decodable>(
    _ type: T.Type,
    from bytes: UnsafeRawBufferPointer,
    userInfo: [CodingUserInfoKey: any Sendable]
  ) throws -> T {
    // The caller keeps the bytes alive for this call, and the reader is gone when it ends.
    input = unsafe CBORReader(bytes)
    self.userInfo = userInfo
    defer {
      input = .empty
      progress = Progress()
      paths = CBORPathFinder()
      if !userInfo.isEmpty { self.userInfo = [:] }
    }
    return try translatingFaults {
      var reader = input
      try reader.skipSelfDescription()
      let value = try decode(type, from: &reader, depth: 0)
      try reader.expectEnd()
      return value
    }
  }

  /// Decodes one item and leaves the reader behind it.
  @inline(__always)
  func decode<T: Decodable>(_ type: T.Type, from reader: inout CBORReader, depth: Int) throws -> T {
    if let direct = directTypes.conformance(of: T.self, lookUp: { T.self as? any CBORDirectDecodable.Type }) {
      return try decode(type, as: direct, from: &reader, depth: depth)
    }
    return try decodeWithCodable(type, from: &reader, depth: depth)
  }

  @inline(__always)
  private func decode<T, D: CBORDirectDecodable>(
    _ type: T.Type,
    as _: D.Type,
    from reader: inout CBORReader,
    depth: Int
  ) throws -> T {
    // D is T: it was found by casting T's own metatype.
    unsafe unsafeBitCast(try D.read(from: &reader, in: self, depth: depth), to: T.self)
  }

  @inline(never)
  private func decodeWithCodable<T: Decodable>(
    _ type: T.Type,
    from reader: inout CBORReader,
    depth: Int
  ) throws -> T {
    let start = reader.offset
    let outer = progress
    defer { progress = outer }
    let value = try T(from: CBORValueDecoder(session: self, offset: start, depth: depth))
    reader.offset = try end(ofItemAt: start, depth: depth)
    return value
  }

  /// Where the item ends that begins at `start`: behind what was read of it, if that is known.
  func end(ofItemAt start: Int, depth: Int) throws(CBORFault) -> Int {
    var reader = input
    guard progress.start == start else {
      reader.offset = start
      try reader.skip(depth: depth)
      return reader.offset
    }
    reader.offset = progress.cursor
    let items = progress.isMap ? progress.remaining * 2 : progress.remaining
    for _ in 0..<items { try reader.skip(depth: progress.depth) }
    if progress.isIndefinite, try !reader.readBreak() { throw CBORFault(.badChunk, at: start) }
    return reader.offset
  }

  /// Runs the body; a fault in the bytes leaves it as a `DecodingError` with its coding path.
  @inline(__always)
  func translatingFaults<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let fault as CBORFault {
      throw decodingError(fault)
    }
  }

  /// The keys that lead from the outermost item to the innermost one that holds this offset.
  func codingPath(to offset: Int) -> [any CodingKey] {
    paths.path(to: offset, in: input)
  }

  @inline(never)
  func decodingError(_ fault: CBORFault) -> DecodingError {
    fault.decodingError(codingPath: codingPath(to: fault.offset))
  }
}
