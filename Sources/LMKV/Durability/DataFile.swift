internal import LMDB
internal import LMDBPlatform

/// LMDB's data file, past LMDB: its two meta pages, and pages as they are.
///
/// Reading and closing it is allowed beside LMDB, which has no locks on this file.
struct DataFile {
  /// What a meta page says: which tree is the state of which transaction.
  struct Meta: Equatable {
    /// The beginning of the page, up to our own mark.
    let bytes: [UInt8]
    let page: MetaPage
    var pageSize: Int { page.pageSize }
    var mapSize: UInt64 { page.mapSize }
    var lastPage: UInt64 { page.lastPage }
    var transactionID: UInt64 { page.transactionID }

    /// Nil for bytes that are no meta page, or one with numbers that no file has.
    init?(_ bytes: [UInt8], slot: Int) {
      guard bytes.count == CheckpointRecord.metaSize, let page = MetaPage(copy: bytes, slot: slot), page.isPlausible
      else { return nil }
      self.bytes = bytes
      self.page = page
    }

    /// A copy that was kept elsewhere, of the slot that its transaction has.
    init?(copy bytes: [UInt8]) {
      guard bytes.count == CheckpointRecord.metaSize else { return nil }
      self.init(bytes, slot: Int(ByteFields(bytes).load(144, as: UInt64.self) & 1))
    }

    /// The same state in one of the two places of the file.
    func bytes(slot: Int, transactionID: UInt64) -> [UInt8] {
      var fields = ByteFields(bytes)
      fields.store(UInt64(slot), 0)
      fields.store(transactionID, 144)
      return fields.bytes
    }
  }

  /// A meta page with what LMKV has noted in it.
  struct MarkedMeta: Equatable {
    let meta: Meta
    let mark: MetaMark?
  }

  let file: StoreFile

  init(_ path: String, writable: Bool) throws(LMDBError) {
    file = try StoreFile(path, writable ? O_RDWR : O_RDONLY)
  }

  init(_ file: StoreFile) {
    self.file = file
  }

  /// The two meta pages, the newer one first. Empty where there are none.
  func metas() throws(LMDBError) -> [MarkedMeta] {
    guard let first = try markedMeta(at: 0, slot: 0), let second = try markedMeta(at: first.meta.pageSize, slot: 1)
    else { return [] }
    return second.meta.transactionID > first.meta.transactionID ? [second, first] : [first, second]
  }

  private func markedMeta(at offset: Int, slot: Int) throws(LMDBError) -> MarkedMeta? {
    let bytes = try file.read(CheckpointRecord.metaSize, at: offset)
    guard let meta = Meta(bytes, slot: slot) else { return nil }
    return MarkedMeta(meta: meta, mark: try mark(at: offset))
  }

  private func mark(at offset: Int) throws(LMDBError) -> MetaMark? {
    MetaMark(try file.read(MetaMark.size, at: offset + MetaMark.offset))
  }

  /// What LMKV has noted in the two meta pages, whatever else is in them.
  func marks(pageSize: Int) throws(LMDBError) -> [MetaMark] {
    [try mark(at: 0), try mark(at: pageSize)].compactMap(\.self)
  }

  /// The newest meta page. Nil where no page is one.
  func newestMeta() throws(LMDBError) -> Meta? {
    try metas().first?.meta
  }

  func page(_ number: UInt64, size: Int) throws(LMDBError) -> [UInt8] {
    var bytes = try file.read(size, at: Int(number) * size)
    // A page that was given out and taken back at the end of the file may never have been written.
    bytes += [UInt8](repeating: 0, count: size - bytes.count)
    return bytes
  }

  func write(_ bytes: [UInt8], page number: UInt64, size: Int) throws(LMDBError) {
    try file.write(bytes, at: Int(number) * size)
  }

  /// Makes a state the newest: it goes into the place of its transaction ID, and into the other one as the one before.
  func restore(_ meta: Meta) throws(LMDBError) {
    for slot in 0..<2 {
      let isOwn = meta.transactionID % 2 == UInt64(slot)
      try file.write(
        meta.bytes(slot: slot, transactionID: isOwn ? meta.transactionID : meta.transactionID &- 1),
        at: slot * meta.pageSize
      )
    }
  }
}
