public import Foundation

/// Walks all pages of an LMDB data file, by what is in its newest meta page, and says what is wrong.
///
/// Every page must be reached exactly once: as a meta page, in a tree, as an overflow page, or in the list of free pages.
public struct PageWalk {
  private let bytes: UnsafeRawBufferPointer
  private let pageSize: Int
  private var seen: [UInt8]
  private var fault: String?

  private enum Flag {
    static let branch: UInt16 = 1
    static let leaf: UInt16 = 2
    static let overflow: UInt16 = 4
    static let bigData: UInt16 = 1
    static let subData: UInt16 = 2
    static let dupData: UInt16 = 4
  }

  /// Nil when the file is sound.
  public static func fault(in data: Data) -> String? {
    data.withUnsafeBytes { bytes in
      guard bytes.count >= 8_192 else { return "the data file has \(bytes.count) bytes" }
      let size = Int(bytes.loadUnaligned(fromByteOffset: 16 + 24, as: UInt32.self))
      guard size >= 512, size <= 65_536, bytes.count >= 2 * size else { return "the page size is \(size)" }
      let first = bytes.loadUnaligned(fromByteOffset: 16 + 128, as: UInt64.self)
      let second = bytes.loadUnaligned(fromByteOffset: size + 16 + 128, as: UInt64.self)
      let meta = (second > first ? size : 0) + 16
      let last = Int(bytes.loadUnaligned(fromByteOffset: meta + 120, as: UInt64.self))
      guard last >= 1, last < 1 << 30 else { return "the last page is \(last)" }
      var walk = PageWalk(bytes: bytes, pageSize: size, seen: [UInt8](repeating: 0, count: last + 1))
      walk.seen[0] = 1
      walk.seen[1] = 1
      walk.tree(bytes.loadUnaligned(fromByteOffset: meta + 24 + 40, as: UInt64.self), depth: 0, isFreeList: true)
      walk.tree(bytes.loadUnaligned(fromByteOffset: meta + 72 + 40, as: UInt64.self), depth: 0, isFreeList: false)
      if let fault = walk.fault { return fault }
      let lost = walk.seen.count { $0 == 0 }
      return lost == 0 ? nil : "\(lost) of \(last + 1) pages are neither used nor free"
    }
  }

  private init(bytes: UnsafeRawBufferPointer, pageSize: Int, seen: [UInt8]) {
    self.bytes = bytes
    self.pageSize = pageSize
    self.seen = seen
  }

  private func load<T: FixedWidthInteger>(_ offset: Int, _: T.Type = T.self) -> T {
    offset >= 0 && offset + MemoryLayout<T>.size <= bytes.count
      ? bytes.loadUnaligned(fromByteOffset: offset, as: T.self) : 0
  }

  /// Counts pages as reached. Pages that are free need not lie within the file.
  private mutating func reach(_ page: UInt64, _ count: Int, _ what: String, isFree: Bool = false) -> Bool {
    guard fault == nil else { return false }
    guard page < UInt64(seen.count), count <= seen.count - Int(page) else {
      fault = "\(what) \(page) lies behind the last page"
      return false
    }
    for index in Int(page)..<Int(page) + count {
      if seen[index] != 0 { fault = "page \(index) is used twice, now as \(what)" }
      seen[index] = 1
    }
    if !isFree, (Int(page) + count) * pageSize > bytes.count {
      fault = "\(what) \(page) lies behind the end of the file"
    }
    return fault == nil
  }

  private mutating func tree(_ page: UInt64, depth: Int, isFreeList: Bool) {
    guard page != .max, reach(page, 1, "a page of a tree") else { return }
    let start = Int(page) * pageSize
    let flags: UInt16 = load(start + 10)
    let end = Int(load(start + 12, UInt16.self))
    guard load(start, UInt64.self) == page, depth < 32, end >= 16, end <= pageSize,
      flags == Flag.branch || flags == Flag.leaf
    else {
      fault = "page \(page) is no page of a tree"
      return
    }
    for slot in stride(from: start + 16, to: start + end, by: 2) {
      let node = Int(load(slot, UInt16.self))
      guard fault == nil, node >= end, node + 8 <= pageSize else {
        fault = fault ?? "page \(page) has a node outside"
        return
      }
      if flags == Flag.branch { child(start + node, depth, isFreeList) } else { entry(start + node, page, isFreeList) }
    }
  }

  private mutating func child(_ node: Int, _ depth: Int, _ isFreeList: Bool) {
    let page =
      UInt64(load(node, UInt16.self)) | UInt64(load(node + 2, UInt16.self)) << 16 | UInt64(load(node + 4, UInt16.self))
      << 32
    tree(page, depth: depth + 1, isFreeList: isFreeList)
  }

  private mutating func entry(_ node: Int, _ page: UInt64, _ isFreeList: Bool) {
    let size = Int(load(node, UInt16.self)) | Int(load(node + 2, UInt16.self)) << 16
    let flags: UInt16 = load(node + 4)
    var data = node + 8 + Int(load(node + 6, UInt16.self))
    if flags & Flag.bigData != 0 {
      let first: UInt64 = load(data)
      let start = Int(clamping: first) &* pageSize
      // A value that was overwritten with a shorter one in the same transaction keeps its pages.
      let count = Int(load(start + 12, UInt32.self))
      guard load(start + 10, UInt16.self) & Flag.overflow != 0, count >= (16 + size + pageSize - 1) / pageSize else {
        fault = "page \(first) is no overflow page"
        return
      }
      guard reach(first, count, "an overflow page") else { return }
      data = start + 16
    } else if data + size > Int(page + 1) * pageSize {
      fault = "page \(page) has an entry that is cut off"
      return
    }
    if isFreeList {
      let count = Int(load(data, UInt64.self))
      guard size >= 8, count >= 0, count <= size / 8 - 1 else {
        fault = "the list of free pages is damaged"
        return
      }
      for index in 0..<count where !reach(load(data + 8 + 8 * index), 1, "a free page", isFree: true) { return }
    } else if flags & Flag.subData != 0, flags & Flag.dupData == 0 {
      tree(load(data + 40), depth: 0, isFreeList: false)
    }
  }
}
