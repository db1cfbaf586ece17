internal import LMDBPlatform

/// Looks whether the nodes of a page lie in it as LMDB puts them: without a gap, and without one in another.
///
/// A value of its own because it needs room, which serves for every page.
struct PageLayout {
  /// For every second byte of a page the size of the node that begins there, or zero.
  private var sizes: [UInt16]

  init(pageSize: Int) {
    sizes = [UInt16](repeating: 0, count: pageSize / 2)
  }

  /// What is wrong with a page of a tree, in a sentence. Nil when all nodes lie in it.
  mutating func fault(in page: PageBytes, number: UInt64, mayHaveGaps: Bool) -> String? {
    let size = page.bytes.count
    guard page.number == number else { return "It says that it is page \(page.number)." }
    let isBranch = page.flags == PageFormat.Page.branch
    guard isBranch || page.flags == PageFormat.Page.leaf else { return "It has the flags \(page.flags)." }
    guard page.lower >= PageFormat.headerSize, page.lower % 2 == 0, page.lower <= page.upper, page.upper <= size,
      page.upper % 2 == 0
    else { return "Its free room is from byte \(page.lower) to \(page.upper), of \(size)." }
    defer { clear(page) }
    for index in 0..<page.nodeCount {
      let node = page.node(index)
      guard node.offset >= page.upper, node.offset % 2 == 0, node.offset <= size - PageFormat.nodeHeaderSize else {
        return "Its entry \(index) lies at byte \(node.offset)."
      }
      let length = node.size(isBranch: isBranch)
      guard length <= size - node.offset else { return "Its entry \(index) is cut off: it has \(length) bytes." }
      guard sizes[node.offset / 2] == 0 else { return "Two of its entries lie at byte \(node.offset)." }
      sizes[node.offset / 2] = UInt16(length)
    }
    // Nodes with sub-pages shrink in place, which leaves room.
    return mayHaveGaps ? nil : gap(in: page)
  }

  private func gap(in page: PageBytes) -> String? {
    var offset = page.upper
    var count = 0
    while offset < page.bytes.count {
      let length = Int(sizes[offset / 2])
      guard length > 0 else { return "No entry of it begins at byte \(offset), where one should." }
      offset += length
      count += 1
    }
    return offset == page.bytes.count && count == page.nodeCount ? nil : "Its entries overlap."
  }

  private mutating func clear(_ page: PageBytes) {
    guard page.lower >= PageFormat.headerSize, page.lower <= page.bytes.count else { return }
    for index in 0..<page.nodeCount {
      let slot = Int(page.load(PageFormat.headerSize + 2 * index, as: UInt16.self)) / 2
      if slot < sizes.count { sizes[slot] = 0 }
    }
  }
}

/// How the keys of a database are ordered.
struct KeyOrder {
  private let isReversed: Bool
  private let areIntegers: Bool

  init(flags: UInt16) {
    isReversed = flags & PageFormat.Database.reverseKeys != 0
    areIntegers = flags & PageFormat.Database.integerKeys != 0
  }

  /// Whether a key is before another one.
  func precedes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    if areIntegers || isReversed { return left.reversed().lexicographicallyPrecedes(right.reversed()) }
    return unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in unsafe Self.precedes(left, right) }
    }
  }

  private static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let first = left.baseAddress, let second = right.baseAddress else { return left.count < right.count }
    let order = unsafe memcmp(first, second, min(left.count, right.count))
    return order == 0 ? left.count < right.count : order < 0
  }
}
