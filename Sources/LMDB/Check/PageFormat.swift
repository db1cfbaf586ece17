internal import LMDBPlatform

/// How LMDB 0.9 lays out a data file.
enum PageFormat {
  static let headerSize = 16
  static let nodeHeaderSize = 8
  /// As much of a meta page as has a meaning.
  static let metaSize = 152
  /// The pages that are not meta pages begin here.
  static let firstTreePage: UInt64 = 2
  /// Stands for the root of an empty tree.
  static let noPage = UInt64.max
  /// LMDB's cursors are no deeper.
  static let deepest = 32
  static let largestPage = 32_768
  /// Numbers as keys.
  static let freeListFlags: UInt16 = 0x08
  /// LMDB keeps some flags of the environment beside that: a fixed map, and no directory.
  static let environmentFlags: UInt16 = 0x4001
  /// All that a database can be created with.
  static let databaseFlags: UInt16 = 0x7E
  static let longestKey = 511

  /// The flags of a page.
  enum Page {
    static let branch: UInt16 = 0x01
    static let leaf: UInt16 = 0x02
    static let overflow: UInt16 = 0x04
    static let meta: UInt16 = 0x08
    static let fixedSizeKeys: UInt16 = 0x20
  }

  /// The flags of an entry in a leaf page.
  enum Node {
    static let overflow: UInt16 = 0x01
    static let subDatabase: UInt16 = 0x02
    static let duplicates: UInt16 = 0x04
  }

  /// The flags of a database.
  enum Database {
    static let reverseKeys: UInt16 = 0x02
    static let duplicates: UInt16 = 0x04
    static let integerKeys: UInt16 = 0x08
    static let known: UInt16 = 0x7E
  }

  static func isPageSize(_ size: Int) -> Bool {
    size.nonzeroBitCount == 1 && (512...largestPage).contains(size)
  }
}

/// Bytes of a data file, and numbers in them.
struct PageBytes: Hashable {
  var bytes: [UInt8]

  init(count: Int) {
    bytes = [UInt8](repeating: 0, count: count)
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A little-endian number. Out of bounds it is zero, so that a damaged page leads to an error above, not to a trap.
  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) -> T {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { return 0 }
    // Just checked against the end.
    return unsafe T(littleEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }

  // MARK: The header of a page

  var number: UInt64 { load(0) }
  var flags: UInt16 { load(10) }
  /// Where the list of nodes ends.
  var lower: Int { Int(load(12, as: UInt16.self)) }
  /// Where the nodes begin.
  var upper: Int { Int(load(14, as: UInt16.self)) }
  /// Of an overflow page: how many pages it has, itself included.
  var overflowCount: UInt32 { load(12) }
  var nodeCount: Int { (lower - PageFormat.headerSize) / 2 }

  /// Where a node lies in the page.
  @inline(__always)
  func node(_ index: Int) -> PageNode {
    PageNode(self, Int(load(PageFormat.headerSize + 2 * index, as: UInt16.self)))
  }

  @inline(__always)
  func key(_ node: PageNode) -> ArraySlice<UInt8> { bytes[node.keyRange] }
}

/// What a node of a page says of itself. Nothing of it is checked.
struct PageNode {
  let offset: Int
  let keySize: Int
  let flags: UInt16
  /// The size of the value, of leaf pages.
  let dataSize: Int
  /// The page below, of branch pages.
  var child: UInt64 { UInt64(dataSize) | UInt64(flags) << 32 }

  @inline(__always)
  init(_ page: PageBytes, _ offset: Int) {
    self.offset = offset
    dataSize = Int(page.load(offset, as: UInt32.self))
    flags = page.load(offset + 4)
    keySize = Int(page.load(offset + 6, as: UInt16.self))
  }

  var keyRange: Range<Int> { offset + PageFormat.nodeHeaderSize..<dataOffset }
  var dataOffset: Int { offset + PageFormat.nodeHeaderSize + keySize }

  /// How many bytes it has in its page: nodes are padded to an even number.
  func size(isBranch: Bool) -> Int {
    let data = isBranch ? 0 : flags & PageFormat.Node.overflow != 0 ? 8 : dataSize
    return (PageFormat.nodeHeaderSize + keySize + data + 1) & ~1
  }
}

/// What LMDB keeps of a tree (`MDB_db`): in a meta page, or under its name in the main database.
package struct TreeRecord: Hashable, Sendable {
  static let size = 48

  package let flags: UInt16
  package let depth: UInt16
  package let branchPages: UInt64
  package let leafPages: UInt64
  package let overflowPages: UInt64
  package let entries: UInt64
  package let root: UInt64

  init(_ bytes: PageBytes, at offset: Int) {
    flags = bytes.load(offset + 4)
    depth = bytes.load(offset + 6)
    branchPages = bytes.load(offset + 8)
    leafPages = bytes.load(offset + 16)
    overflowPages = bytes.load(offset + 24)
    entries = bytes.load(offset + 32)
    root = bytes.load(offset + 40)
  }
}
