import Foundation

/// A file as the kernel sees it, as the disk surely has it, and everything that the disk may have of it.
///
/// The unit is the sector of 512 bytes, which disks write whole. The kernel writes whole pages from its cache, whenever
/// and in whatever order it likes; so what the disk may have of a sector is any of the contents that the cache had since
/// the last sync, and each sector's choice is its own.
final class DiskFile {
  static let sector = 512

  /// One of the contents that a sector had.
  struct Version {
    let record: Int
    let begin: UInt64
    let end: UInt64
    /// Where the bytes are in `pool`.
    let place: Int
  }

  struct Size {
    let record: Int
    let begin: UInt64
    let end: UInt64
    let size: Int
  }

  let isDirectory: Bool
  private(set) var cache: [UInt8] = []
  /// Whole sectors; beyond it zeros.
  private(set) var durable: [UInt8] = []
  private(set) var durableSize = 0
  private(set) var pending: [Int: [Version]] = [:]
  private(set) var pendingSizes: [Size] = []
  private var pool: [UInt8] = []
  /// Sectors that the kernel takes for written, wrongly. They are written when their page is changed again.
  private var forgotten: Set<Int> = []
  private static let page = 4_096 / sector

  init(isDirectory: Bool = false) {
    self.isDirectory = isDirectory
  }

  /// A file that is on the disk already.
  init(durable bytes: [UInt8]) {
    isDirectory = false
    cache = bytes
    durableSize = bytes.count
    durable = bytes + [UInt8](repeating: 0, count: (Self.sector - bytes.count % Self.sector) % Self.sector)
  }

  /// The records that are not surely on the disk, in order.
  var pendingRecords: [Int] {
    var records = Set(pendingSizes.map(\.record))
    for versions in pending.values { for version in versions { records.insert(version.record) } }
    return records.sorted()
  }

  // MARK: What processes do

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ index: Int, _ record: Trace.Record) {
    guard !bytes.isEmpty else { return }
    let end = offset + bytes.count
    if end > cache.count { resize(end, index, record) }
    cache.withUnsafeMutableBytes {
      $0.baseAddress?.advanced(by: offset).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
    }
    note(offset..<end, index, record)
    remember(offset..<end, index, record)
  }

  func truncate(to size: Int, _ index: Int, _ record: Trace.Record) {
    let former = cache.count
    if size < former {
      cache.withUnsafeMutableBytes { _ = memset($0.baseAddress! + size, 0, former - size) }
      note(size..<former, index, record)
    }
    resize(size, index, record)
  }

  func grow(to size: Int, _ index: Int, _ record: Trace.Record) {
    if size > cache.count { resize(size, index, record) }
  }

  private func resize(_ size: Int, _ index: Int, _ record: Trace.Record) {
    guard size != cache.count else { return }
    if size > cache.count {
      cache.append(contentsOf: repeatElement(0, count: size - cache.count))
    } else {
      cache.removeLast(cache.count - size)
    }
    pendingSizes.append(Size(record: index, begin: record.begin, end: record.end, size: size))
  }

  private func note(_ range: Range<Int>, _ index: Int, _ record: Trace.Record) {
    for sector in range.lowerBound / Self.sector...(range.upperBound - 1) / Self.sector {
      let start = sector * Self.sector
      let count = min(Self.sector, cache.count - start)
      let place = pool.count
      pool.append(contentsOf: cache[start..<start + count])
      if count < Self.sector { pool.append(contentsOf: repeatElement(0, count: Self.sector - count)) }
      pending[sector, default: []].append(Version(record: index, begin: record.begin, end: record.end, place: place))
    }
  }

  private func remember(_ range: Range<Int>, _ index: Int, _ record: Trace.Record) {
    guard !forgotten.isEmpty else { return }
    let (first, last) = (range.lowerBound / 4_096, (range.upperBound - 1) / 4_096)
    for sector in forgotten where (first...last).contains(sector / Self.page) {
      forgotten.remove(sector)
      if pending[sector]?.last?.record != index, sector * Self.sector < cache.count {
        note(sector * Self.sector..<min((sector + 1) * Self.sector, cache.count), index, record)
      }
    }
  }

  /// After a failed sync that began at a ticket: the kernel forgets that some pages are yet to be written.
  func forget(some range: Range<Int>?, _ begin: UInt64) {
    for sector in pending.keys.sorted() {
      var chance = Chance(begin, UInt64(sector / Self.page))
      if let range, !range.overlaps(sector * Self.sector..<(sector + 1) * Self.sector) { continue }
      guard chance.once(in: 2), let versions = pending[sector] else { continue }
      let kept = versions.filter { $0.end >= begin }
      guard kept.count < versions.count else { continue }
      pending[sector] = kept.isEmpty ? nil : kept
      forgotten.insert(sector)
    }
  }

  // MARK: What syncs do

  /// A sync that began at a ticket has returned: everything that was done before it began is on the disk.
  func sync(_ begin: UInt64) {
    for sector in pending.keys { sync(sector, begin) }
    if let last = pendingSizes.lastIndex(where: { $0.end < begin }) {
      durableSize = pendingSizes[last].size
      pendingSizes.removeSubrange(...last)
    }
    if pending.isEmpty { pool.removeAll() }
  }

  /// The same for a part of the file.
  func sync(_ range: Range<Int>, _ begin: UInt64) {
    guard !range.isEmpty else { return }
    for sector in range.lowerBound / Self.sector...(range.upperBound - 1) / Self.sector { sync(sector, begin) }
    if let last = pendingSizes.lastIndex(where: { $0.end < begin }), durableSize < range.upperBound {
      durableSize = pendingSizes[last].size
      pendingSizes.removeSubrange(...last)
    }
  }

  private func sync(_ sector: Int, _ begin: UInt64) {
    guard var versions = pending[sector], let last = versions.lastIndex(where: { $0.end < begin }) else { return }
    let start = sector * Self.sector
    if durable.count < start + Self.sector {
      durable.append(contentsOf: repeatElement(0, count: start + Self.sector - durable.count))
    }
    copy(versions[last], to: start, &durable)
    versions.removeSubrange(...last)
    pending[sector] = versions.isEmpty ? nil : versions
  }

  private func copy(_ version: Version, to start: Int, _ bytes: inout [UInt8]) {
    let count = min(Self.sector, bytes.count - start)
    guard count > 0 else { return }
    pool.withUnsafeBytes { pool in
      bytes.withUnsafeMutableBytes {
        ($0.baseAddress! + start).copyMemory(from: pool.baseAddress! + version.place, byteCount: count)
      }
    }
  }

  // MARK: What a crash leaves

  /// A file as it may be found. `pick` chooses among the versions of a sector: an index, or nil for what was surely there;
  /// `pickSize` likewise among the sizes.
  func image(
    pick: (_ sector: Int, _ versions: [Version]) -> Int?,
    pickSize: (_ sizes: [Size]) -> Int?
  ) -> [UInt8] {
    let size = pickSize(pendingSizes).map { pendingSizes[$0].size } ?? durableSize
    var bytes = durable
    if bytes.count > size { bytes.removeLast(bytes.count - size) }
    if bytes.count < size { bytes.append(contentsOf: repeatElement(0, count: size - bytes.count)) }
    // In order, so that the same choice seed gives the same image.
    for sector in pending.keys.sorted() {
      guard let versions = pending[sector], let index = pick(sector, versions) else { continue }
      copy(versions[index], to: sector * Self.sector, &bytes)
    }
    return bytes
  }
}
