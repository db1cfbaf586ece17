/// The bytes of a nested container or a super encoder, kept apart until its parent is finished.
///
/// `Codable` lets a type write to a nested container and to its parent in turn, so their bytes can't go straight into
/// one buffer.
struct CBORDetachedWriter {
  /// Where in the parent's buffer the bytes belong.
  var offset: Int
  var writer: CBORWriter
}

/// Where a detached writer comes from, which is what its coding path and depth begin with.
struct CBORWriterOrigin {
  var parent: CBORWriter
  var frame: Int
  /// Where its key begins in the parent's bytes, -1 in an array.
  var key: Int
  var index: Int
  var depth: Int
}

extension CBORWriter {
  /// A writer for one more element or value of the innermost frame, with one frame of its own.
  ///
  /// `key` is where the key begins that was just written for it, or -1, and `id` the frame of the container that asks.
  /// When it isn't its turn, the writer is one whose frame is finished, so that writing to it throws.
  func detach(key: Int, in id: Int) -> CBORWriter {
    let isInTurn = isInnermost(id)
    let child = spare ?? CBORWriter(capacity: 128, directTypes: directTypes)
    spare = nil
    child.origin = CBORWriterOrigin(parent: self, frame: id, key: key, index: isInTurn ? frame.count : 0, depth: depth)
    child.userInfo = userInfo
    guard isInTurn else { return child }
    // An empty writer has room for its first frame, so this can't throw.
    try? child.push(key: -1)
    detached.append(CBORDetachedWriter(offset: count, writer: child))
    detachedCount += 1
    frame.count += 1
    return child
  }

  /// The detached writer whose value belongs at this offset, behind its key.
  func detachedWriter(at offset: Int) -> CBORWriter? {
    detached[frame.detachedBase...].first { $0.offset == offset }?.writer
  }

  /// Puts the bytes of all detached writers of the innermost frame in their places.
  func spliceDetached() throws {
    let base = frame.detachedBase
    for child in detached[base...] {
      // More than one frame: the container's owner is in the middle of writing to it, out of turn.
      guard child.writer.frameCount == 1 else { throw outOfTurn() }
      try child.writer.close()
    }
    var end = count
    var gap = detached[base...].reduce(0) { $0 + $1.writer.count }
    extend(by: gap)
    // From the last to the first, so that each byte moves once.
    for child in detached[base...].reversed() {
      move(from: child.offset, count: end - child.offset, by: gap)
      gap -= child.writer.count
      unsafe child.writer.withUnsafeBytes { unsafe copy($0, to: child.offset + gap) }
      end = child.offset
    }
    removeDetached(from: base)
  }

  /// Drops detached writers. One that nobody else refers to serves again.
  func removeDetached(from base: Int) {
    while detachedCount > base {
      detachedCount -= 1
      var child = detached.removeLast().writer
      child.origin = nil
      child.reset()
      if isKnownUniquelyReferenced(&child) { spare = child }
    }
  }
}
