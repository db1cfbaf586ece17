internal import LMDBPlatform

/// One of the two first pages of a data file. Each says which trees are the state of one transaction; LMDB writes them
/// in turns.
package struct MetaPage: Hashable, Sendable {
  static let magic: UInt32 = 0xBEEF_C0DE
  static let version: UInt32 = 1

  /// Which of the two: 0 or 1.
  package let slot: Int
  package let bytes: [UInt8]
  package let pageSize: Int
  package let mapSize: UInt64
  package let lastPage: UInt64
  package let transactionID: UInt64
  package let freeList: TreeRecord
  package let main: TreeRecord
  private let header: (number: UInt64, flags: UInt16)

  /// A copy of a meta page that was kept elsewhere; what is behind its 152 bytes does not matter. Nil for bytes that are
  /// no meta page of LMDB 0.9.
  package init?(copy bytes: [UInt8], slot: Int) {
    self.init(PageBytes(Array(bytes.prefix(PageFormat.metaSize))), slot: slot)
  }

  /// Nil for bytes that are no meta page of LMDB 0.9.
  init?(_ page: PageBytes, slot: Int) {
    guard page.bytes.count == PageFormat.metaSize, page.load(16) == Self.magic, page.load(20) == Self.version,
      page.flags & PageFormat.Page.meta != 0
    else { return nil }
    self.slot = slot
    bytes = page.bytes
    pageSize = Int(page.load(40, as: UInt32.self))
    mapSize = page.load(32)
    freeList = TreeRecord(page, at: 40)
    main = TreeRecord(page, at: 88)
    lastPage = page.load(136)
    transactionID = page.load(144)
    header = (page.number, page.flags)
    guard PageFormat.isPageSize(pageSize) else { return nil }
  }

  package static func == (left: MetaPage, right: MetaPage) -> Bool {
    left.slot == right.slot && left.bytes == right.bytes
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(bytes)
  }

  /// Whether all of its numbers are such as a file can have. LMDB believes them: others end the process, sooner or later.
  package var isPlausible: Bool {
    transactionID < 1 << 62 && mapSize < 1 << 56 && lastPage < 1 << 40 && isOfItsSlot
      && freeList.flags & ~PageFormat.environmentFlags == PageFormat.freeListFlags
      && main.flags & ~PageFormat.databaseFlags == 0
  }

  /// LMDB writes transactions into the two in turns; a new file has the transaction 0 in both.
  private var isOfItsSlot: Bool { transactionID == 0 || transactionID % 2 == UInt64(slot) }

  /// What is wrong with it by itself, in a sentence.
  var fault: String? {
    if header.number != UInt64(slot) { return "It says that it is page \(header.number)." }
    if header.flags != PageFormat.Page.meta { return "It has the flags \(header.flags)." }
    if !isOfItsSlot {
      return "It has the transaction \(transactionID), which belongs into the other one."
    }
    if !isPlausible {
      return "It has a number that no file has: transaction \(transactionID), \(mapSize) bytes, last page \(lastPage), "
        + "flags \(freeList.flags) of the list of free pages and \(main.flags) of the main database."
    }
    if lastPage < 1 { return "It says that the last page is \(lastPage)." }
    if lastPage >= mapSize / UInt64(pageSize) {
      return "It says that the last page is \(lastPage), and the file may have \(mapSize) bytes."
    }
    return nil
  }

  /// The two of a file, nil for one that is none.
  static func both(_ descriptor: Int32, _ path: String) throws(LMDBError) -> [MetaPage?] {
    let first = try read(descriptor, path, at: 0, slot: 0)
    if let first { return [first, try read(descriptor, path, at: first.pageSize, slot: 1)] }
    // The page size is known only from the second one then, which is where it says.
    var size = 512
    while size <= PageFormat.largestPage {
      if let second = try read(descriptor, path, at: size, slot: 1), second.pageSize == size { return [nil, second] }
      size *= 2
    }
    return [nil, nil]
  }

  /// The two as they were at one moment: a writer may write one while it is read, and commit between the two.
  static func settled(_ descriptor: Int32, _ path: String) throws(LMDBError) -> [MetaPage?] {
    var metas = try both(descriptor, path)
    for _ in 0..<1_000 {
      let again = try both(descriptor, path)
      if again == metas { return metas }
      metas = again
    }
    throw LMDBError(.init(rawValue: EBUSY), "read \(path)")
  }

  private static func read(
    _ descriptor: Int32,
    _ path: String,
    at offset: Int,
    slot: Int
  ) throws(LMDBError) -> MetaPage? {
    do throws(LMDBError) {
      return MetaPage(try PageFile.bytes(descriptor, path, at: offset, count: PageFormat.metaSize), slot: slot)
    } catch {
      guard error.code == .truncated else { throw error }
      return nil
    }
  }
}
