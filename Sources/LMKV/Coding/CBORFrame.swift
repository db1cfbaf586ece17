/// One value whose `encode(to:)` is running: where its bytes begin and what it has become so far.
struct CBORFrame {
  /// How many values may be encoded within each other, even where they open no container, for the stack's sake.
  static let limit = 512

  enum Kind: UInt8 {
    /// Nothing was asked for yet.
    case undecided
    /// One value was written through a single value container.
    case single
    case array
    case map
    /// An array or a map whose head already holds its final count.
    case countedArray
    case countedMap
    /// It wanted a container deeper than the limit.
    case tooDeep
  }

  /// Never used twice in one writer, so a container can tell whether it is its turn. 0 is no frame.
  var id: Int
  /// Where the item begins. An array's or map's head takes one byte until the count is known.
  var start: Int
  /// Where its key begins in the writer's bytes, -1 without one.
  var key: Int
  /// How many elements or pairs are written.
  var count = 0
  /// How many arrays, maps and tags are open, this one's own among them.
  var depth: Int
  /// How many detached writers belong to outer frames.
  var detachedBase: Int
  var kind = Kind.undecided
  /// A bit for each of the first keys, which tells most new keys from those.
  var keyBits: UInt64 = 0
}

/// What a writer goes back to when a value throws half-way.
struct CBORMark {
  fileprivate var count: Int
  fileprivate var frames: Int
  fileprivate var detached: Int
}

extension CBORWriter {
  /// The innermost frame. Only to be used while there is one.
  @inline(__always)
  var frame: CBORFrame {
    // There are frameCount > 0 initialised frames: each caller is inside a value that pushed one.
    unsafeAddress { unsafe UnsafePointer(frames + (frameCount - 1)) }
    unsafeMutableAddress { unsafe frames + (frameCount - 1) }
  }

  @inline(__always)
  func isInnermost(_ id: Int) -> Bool {
    frameCount > 0 && frame.id == id
  }

  /// Opens a frame at the end of the buffer.
  func push(key: Int) throws {
    guard frameCount < CBORFrame.limit else { throw tooManyValues() }
    reserveFrame()
    lastFrameID += 1
    let new = CBORFrame(id: lastFrameID, start: count, key: key, depth: depth, detachedBase: detachedCount)
    // There is room, and frames are trivial values: there is nothing to destroy first.
    unsafe (frames + frameCount).initialize(to: new)
    frameCount += 1
  }

  /// The frame with this ID, counted from the outermost, or nil when it is finished.
  func index(ofFrame id: Int) -> Int? {
    // The indices are within the initialised frames.
    (0..<frameCount).last { unsafe frames[$0].id == id }
  }

  func frame(at index: Int) -> CBORFrame {
    precondition(index < frameCount)
    return unsafe frames[index]
  }

  /// How many arrays, maps and tags are open around the next item.
  @inline(__always)
  var depth: Int { frameCount > 0 ? frame.depth : origin?.depth ?? 0 }

  /// Throws when the next item opens `levels` arrays, maps or tags and that is too many.
  @inline(__always)
  func checkDepth(adding levels: Int) throws {
    if depth + levels > CBOR.maxDepth { throw tooDeep() }
  }

  @inline(__always)
  var mark: CBORMark { CBORMark(count: count, frames: frameCount, detached: detachedCount) }

  func rollBack(to mark: CBORMark) {
    if detachedCount > mark.detached { removeDetached(from: mark.detached) }
    frameCount = mark.frames
    truncate(to: mark.count)
  }
}
