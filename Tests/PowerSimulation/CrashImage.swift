import Foundation

/// One of the states that a power failure may leave, chosen by a seed.
public struct CrashImage {
  /// The seed of all choices: with the trace and the ticket it makes the same image again.
  public let choice: UInt64
  /// In words, for a report.
  public private(set) var manner = ""
  /// The directories, parents first, and the files with their contents.
  public private(set) var directories: [String] = []
  public internal(set) var files: [String: [UInt8]] = [:]

  /// How the contents of one file are chosen.
  enum Manner: CaseIterable {
    /// Nothing since the last sync; everything; each write by itself; each page; each sector; all up to some write, of
    /// which a part; all but one write; one write alone.
    case none, all, writes, pages, sectors, prefix, allButOne, onlyOne
  }

  /// How the names are chosen that no sync covers.
  enum Naming: CaseIterable {
    case none, all, some, prefix
  }

  /// - Parameters:
  ///   - left: what the mapped files held in the end.
  ///   - losesWrites: false: everything that was written is there.
  public init(_ disk: Disk, choice: UInt64, left: [String: [UInt8]], losesWrites: Bool = true) {
    self.choice = choice
    var chance = Chance(seed: choice)
    let together = !losesWrites ? .all : chance.once(in: 2) ? Manner.allCases.randomElement(using: &chance) : nil
    var words: [String] = []
    for (name, index) in Self.names(disk, losesWrites, &chance, &words).sorted(by: { $0.key < $1.key }) {
      let file = disk.files[index]
      if file.isDirectory {
        directories.append(name)
      } else if disk.mapped.contains(name) {
        let size = file.cache.count
        switch chance.below(losesWrites ? 4 : 3) {
        case 0: words.append("\(name) missing")
        case 1:
          words.append("\(name) zero")
          files[name] = [UInt8](repeating: 0, count: size)
        case 2:
          words.append("\(name) as it was")
          files[name] = left[name] ?? file.cache
        default:
          words.append("\(name) garbage")
          files[name] = Self.garbage(size, &chance)
        }
      } else {
        let manner = together ?? Manner.allCases.randomElement(using: &chance) ?? .all
        if !file.pendingRecords.isEmpty { words.append("\(name) \(manner)") }
        files[name] = Self.content(file, manner, &chance)
      }
    }
    manner = words.joined(separator: ", ")
  }

  private static func garbage(_ size: Int, _ chance: inout Chance) -> [UInt8] {
    // Of the size of a page and more, a repetition of it is as good as noise.
    let page = (0..<512).flatMap { _ in withUnsafeBytes(of: chance.next()) { Array($0) } }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + page.count)
    while bytes.count < size { bytes.append(contentsOf: page) }
    bytes.removeLast(bytes.count - size)
    return bytes
  }

  private static func names(
    _ disk: Disk,
    _ losesWrites: Bool,
    _ chance: inout Chance,
    _ words: inout [String]
  ) -> [String: Int] {
    let open = disk.changes.filter { !$0.isDurable }.map(\.record)
    let naming = losesWrites ? Naming.allCases.randomElement(using: &chance) ?? .all : .all
    var kept: Set<Int> = []
    switch naming {
    case .none: break
    case .all: kept = Set(open)
    case .some: kept = Set(open.filter { _ in chance.once(in: 2) })
    case .prefix: kept = Set(open.prefix(chance.below(open.count + 1)))
    }
    if !open.isEmpty { words.append("names \(naming) \(kept.count) of \(open.count)") }
    var names: [String: Int] = [:]
    for change in disk.changes where change.isDurable || kept.contains(change.record) {
      if let former = change.former { names[former] = nil }
      names[change.name] = change.file
    }
    // What lies in a directory that is not there is not there.
    return names.filter { name, _ in
      name.indices.allSatisfy { name[$0] != "/" || names[String(name[..<$0])] != nil }
    }
  }

  private static func content(_ file: DiskFile, _ manner: Manner, _ chance: inout Chance) -> [UInt8] {
    let records = file.pendingRecords
    func whole(_ isKept: (Int) -> Bool) -> [UInt8] {
      file.image(
        pick: { _, versions in versions.lastIndex { isKept($0.record) } },
        pickSize: { sizes in sizes.lastIndex { isKept($0.record) } }
      )
    }
    /// Any of the sizes, mostly the last.
    func anySize(_ sizes: [DiskFile.Size]) -> Int? {
      chance.once(in: 2) ? sizes.indices.last : pick(sizes.count)
    }
    func pick(_ count: Int) -> Int? {
      let index = chance.below(count + 1)
      return index == count ? nil : index
    }
    switch records.isEmpty ? .none : manner {
    case .none: return whole { _ in false }
    case .all: return whole { _ in true }
    case .writes:
      let rate = 2 + chance.below(4)
      let keepsMost = chance.once(in: 2)
      let kept = Set(records.filter { _ in chance.once(in: rate) != keepsMost })
      return whole { kept.contains($0) }
    case .pages:
      // A page that has more versions than another keeps its own order.
      var fractions: [Int: Double] = [:]
      return file.image(
        pick: { sector, versions in
          let page = sector / 8
          let fraction = fractions[page] ?? Double.random(in: 0..<1, using: &chance)
          fractions[page] = fraction
          let index = Int(fraction * Double(versions.count + 1))
          return index == versions.count ? nil : index
        },
        pickSize: anySize
      )
    case .sectors: return file.image(pick: { _, versions in pick(versions.count) }, pickSize: anySize)
    case .prefix:
      let last = records[chance.below(records.count)]
      let tears = chance.once(in: 2)
      return file.image(
        pick: { _, versions in
          versions.lastIndex { $0.record < last || ($0.record == last && !(tears && chance.once(in: 2))) }
        },
        pickSize: { sizes in sizes.lastIndex { $0.record <= last } }
      )
    case .allButOne:
      let lost = records[chance.below(records.count)]
      return whole { $0 != lost }
    case .onlyOne:
      let kept = records[chance.below(records.count)]
      return whole { $0 == kept }
    }
  }

  /// Puts the image into an empty directory.
  public func write(to directory: String) throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for name in directories {
      try manager.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: true)
    }
    for (name, bytes) in files {
      try Data(bytes).write(to: URL(fileURLWithPath: directory + "/" + name))
    }
  }
}
