/// A growing buffer of bytes that is also what an encoder writes into.
///
/// It is reused from one value to the next. The store writes an entry's header in front with the same writer and
/// hands the bytes to LMDB, so nothing is copied twice:
///
///     let writer = CBORWriter()
///     writer.append(byte: flags)
///     writer.append(bigEndian: revision)
///     try writer.encode(value)
///     try writer.withUnsafeBytes { try database.put(key, $0) }
///     writer.reset()
///
/// Safe: the memory is the writer's own, and every offset is checked where it doesn't come from the writer itself.
/// A class, because the containers of `Encoder` need one place to write to. Not thread-safe: one owner at a time.
@safe final class CBORWriter {
  /// A buffer larger than this is given back by `reset`.
  static let keptCapacity = 1 << 20

  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  /// The values that are being encoded, the innermost last, and what belongs to them. See `CBORFrame`.
  private(set) var frames: UnsafeMutablePointer<CBORFrame>
  private var frameCapacity: Int
  var frameCount = 0
  var lastFrameID = 0
  /// Nested containers and super encoders whose bytes wait to be put in place. See `CBORWriter+Detached.swift`.
  var detached: [CBORDetachedWriter] = []
  /// The count of `detached`, kept apart because every value asks for it.
  var detachedCount = 0
  /// A detached writer whose work is done, for the next one.
  var spare: CBORWriter?
  /// Where a detached writer comes from.
  var origin: CBORWriterOrigin?
  let directTypes: CBORTypeCache<any CBORDirectEncodable.Type>
  var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  convenience init() {
    self.init(capacity: 512, directTypes: CBORTypeCache())
  }

  init(capacity: Int, directTypes: CBORTypeCache<any CBORDirectEncodable.Type>) {
    self.capacity = capacity
    self.directTypes = directTypes
    frameCapacity = 8
    // Both are freed in deinit and replaced only where they grow, which frees the old ones.
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 8)
    unsafe frames = UnsafeMutablePointer<CBORFrame>.allocate(capacity: frameCapacity)
  }

  deinit {
    unsafe base.deallocate()
    unsafe frames.deallocate()
  }

  /// Empties the buffer and keeps its memory, unless it has become very large.
  func reset() {
    count = 0
    frameCount = 0
    if detachedCount > 0 {
      detached.removeAll()
      detachedCount = 0
    }
    if capacity > Self.keptCapacity { reallocate(to: 512) }
  }

  /// Calls the body with all bytes written so far; they are valid only inside it.
  func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// A copy of all bytes written so far.
  var bytes: [UInt8] { bytes(from: 0) }

  func bytes(from start: Int) -> [UInt8] {
    unsafe [UInt8](UnsafeRawBufferPointer(start: base + start, count: count - start))
  }

  // MARK: Raw bytes

  @inline(__always)
  func append(byte: UInt8) {
    reserve(1)
    unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Appends the integer with its most significant byte first.
  @inline(__always)
  func append<I: FixedWidthInteger & BitwiseCopyable>(bigEndian value: I) {
    let size = MemoryLayout<I>.size
    reserve(size)
    unsafe base.storeBytes(of: value.bigEndian, toByteOffset: count, as: I.self)
    count += size
  }

  @inline(__always)
  func append(raw bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    // The destination has just been reserved, and nobody outside can hold a pointer into it to copy from.
    unsafe (base + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  // MARK: Changing what is written

  /// Takes back everything from `offset` on.
  func truncate(to offset: Int) {
    precondition(offset <= count)
    count = offset
  }

  func store(byte: UInt8, at offset: Int) {
    precondition(offset < count)
    unsafe base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  /// Makes room for `size` bytes at `offset`, whose content is then undefined, by moving what follows.
  func insertGap(of size: Int, at offset: Int) {
    let tail = count - offset
    extend(by: size)
    move(from: offset, count: tail, by: size)
  }

  /// Runs `body`, which appends, as if the buffer ended at `offset`; the bytes behind it stay.
  func overwrite(at offset: Int, _ body: () -> Void) {
    let end = count
    count = offset
    body()
    precondition(count <= end, "overwrote more than the gap")
    count = end
  }

  /// Makes the buffer `size` bytes longer; their content is undefined until they are overwritten.
  func extend(by size: Int) {
    reserve(size)
    count += size
  }

  /// Moves bytes towards the end, within what is written.
  func move(from start: Int, count size: Int, by distance: Int) {
    precondition(start >= 0 && size >= 0 && distance >= 0 && start + size + distance <= count)
    // Both ranges lie within the buffer; the copy allows overlap.
    unsafe (base + start + distance).copyMemory(from: base + start, byteCount: size)
  }

  func copy(_ bytes: UnsafeRawBufferPointer, to offset: Int) {
    precondition(offset >= 0 && offset + bytes.count <= count)
    guard let source = bytes.baseAddress else { return }
    unsafe (base + offset).copyMemory(from: source, byteCount: bytes.count)
  }

  // MARK: Memory

  @inline(__always)
  func reserve(_ size: Int) {
    if capacity - count < size { grow(by: size) }
  }

  @inline(never)
  private func grow(by size: Int) {
    reallocate(to: max(capacity * 2, count + size))
  }

  private func reallocate(to newCapacity: Int) {
    let new = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
    unsafe new.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = new
    capacity = newCapacity
  }

  @inline(__always)
  func reserveFrame() {
    if frameCount == frameCapacity { growFrames() }
  }

  @inline(never)
  private func growFrames() {
    let new = UnsafeMutablePointer<CBORFrame>.allocate(capacity: frameCapacity * 2)
    // The old memory holds frameCount frames, which are trivial values.
    unsafe new.initialize(from: frames, count: frameCount)
    unsafe frames.deallocate()
    unsafe frames = new
    frameCapacity *= 2
  }

  /// A hash of the last bytes from `start` on, of few keys and in few cycles; its high bits are the best.
  @inline(__always)
  func hash(from start: Int) -> UInt64 {
    reserve(8)
    // There are at least eight bytes from `start` on, and at least one of them is written.
    let first = unsafe base.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    let last = unsafe base.load(fromByteOffset: count - 1, as: UInt8.self)
    let written = UInt64(littleEndian: first) & (count - start >= 8 ? .max : 1 << UInt64(8 * (count - start)) - 1)
    return (written ^ UInt64(last) << 40 ^ UInt64(last)) &* 0x9E37_79B9_7F4A_7C15
  }
}
