import PowerSimulation

/// What a disk has when its power is cut at a ticket: all that a flush has covered, and of the later writes what a seed
/// decides.
struct Cut {
  static let sector = 512

  /// How is decided what is left of the writes that no flush covers.
  enum Manner: CaseIterable {
    /// None; all; each write by itself; each page of 4 KiB; each sector; all up to some write, of which a part; all but
    /// one write; one write alone.
    case none, all, writes, pages, sectors, prefix, allButOne, onlyOne
  }

  let ticket: UInt64
  let choice: UInt64

  /// Puts it over what was on the disk before the log. Says how it was chosen.
  func apply(_ log: DiskLog, _ fileSystem: FileSystem, to path: String) throws -> String {
    let file = try ImageFile(path)
    let now = Int64(ticket)
    let flushed = log.flushes.lazy.filter { $0.end <= now }.map(\.begin).max() ?? .min
    let begun = log.writes.prefix { $0.begin <= now }
    for write in begun where write.end < flushed {
      try log.withData(write) { try file.write($0, at: write.offset) }
    }
    let open = begun.indices.filter { log.writes[$0].end >= flushed }
    var chance = Chance(seed: choice)
    let manner = Manner.allCases.randomElement(using: &chance) ?? .all
    // Each sector's versions, by the numbers of the writes.
    var versions: [Int: [Int]] = [:]
    for index in open {
      let write = log.writes[index]
      for sector in write.offset / Self.sector..<(write.offset + write.length) / Self.sector {
        versions[sector, default: []].append(index)
      }
    }
    let pick = Self.picker(manner, open, &chance)
    // In order, so that the same choice gives the same image.
    var picked: (sector: Int, index: Int?)?
    for sector in versions.keys.sorted() {
      let isTogether = fileSystem.indivisible.map { $0.contains(sector) && picked?.sector == $0.lowerBound } ?? false
      let index = isTogether ? picked?.index : versions[sector].flatMap { pick(sector, $0, &chance) }
      if !isTogether { picked = (sector, index) }
      guard let index, versions[sector]?.contains(index) == true else { continue }
      let write = log.writes[index]
      let start = sector * Self.sector - write.offset
      try log.withData(write, start..<start + Self.sector) { try file.write($0, at: sector * Self.sector) }
    }
    return "\(manner) of \(open.count) writes"
  }

  private typealias Picker = (_ sector: Int, _ versions: [Int], _ chance: inout Chance) -> Int?

  private static func picker(_ manner: Manner, _ open: [Int], _ chance: inout Chance) -> Picker {
    guard !open.isEmpty else { return { _, _, _ in nil } }
    let one = open[chance.below(open.count)]
    switch manner {
    case .none: return { _, _, _ in nil }
    case .all: return { _, versions, _ in versions.last }
    case .writes:
      let rate = 2 + chance.below(4)
      let keepsMost = chance.once(in: 2)
      let kept = Set(open.filter { _ in chance.once(in: rate) != keepsMost })
      return { _, versions, _ in versions.last { kept.contains($0) } }
    case .pages:
      // A page's sectors are of the same age.
      var ages: [Int: Double] = [:]
      return { sector, versions, chance in
        let age = ages[sector / 8] ?? Double.random(in: 0..<1, using: &chance)
        ages[sector / 8] = age
        let index = Int(age * Double(versions.count + 1))
        return index == versions.count ? nil : versions[index]
      }
    case .sectors:
      return { _, versions, chance in
        let index = chance.below(versions.count + 1)
        return index == versions.count ? nil : versions[index]
      }
    case .prefix:
      let tears = chance.once(in: 2)
      return { _, versions, chance in
        versions.last { $0 < one || ($0 == one && !(tears && chance.once(in: 2))) }
      }
    case .allButOne: return { _, versions, _ in versions.last { $0 != one } }
    case .onlyOne: return { _, versions, _ in versions.contains(one) ? one : nil }
    }
  }
}
