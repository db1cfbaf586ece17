/// What claims queue for: a name of one kind, told apart by its bytes.
package struct PlaceName: Hashable, Sendable {
  package let kind: UInt16
  package let bytes: [UInt8]

  /// - Parameter bytes: at most ``capacity``.
  package init(kind: UInt16, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  package static var capacity: Int { Layout.placeNameCapacity }

  /// Never 0. FNV-1a.
  var hash: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(kind)
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return max(hash, 1)
  }
}

/// One claim on a permit, never mistaken for another: its number is given out once.
package struct Claim: Hashable, Sendable {
  /// The order of coming, among all processes.
  package let number: UInt64
  /// Which place of the table it queues at. Another name's as soon as the claim is gone.
  package let place: Int
  let index: Int

  package enum Standing: Hashable, Sendable {
    case waits, holds
    /// It was given up, or dismissed.
    case gone
  }
}

/// What is known of a claim of any process.
package struct ClaimInfo: Hashable, Sendable {
  /// Whether it has a permit.
  package let holds: Bool
  package let member: MemberInfo
  /// Since when it has what it has, or waits; Unix milliseconds.
  package let since: Int64
}

/// What is known of a place that is in use.
package struct PlaceInfo: Hashable, Sendable {
  package let name: PlaceName
  package let permits: Int
  /// In the order of their coming, without the dead.
  package let claims: [ClaimInfo]
}

/// A claim's 64 bytes of the page.
struct ClaimRecord {
  enum State: UInt64 {
    case free, waits, holds, givenUp
  }

  let index: Int
  private let mapping: Mapping
  private let start: Int

  init(_ mapping: Mapping, _ index: Int) {
    precondition((0..<Layout.claimCapacity).contains(index), "no claim \(index)")
    self.mapping = mapping
    self.index = index
    start = Layout.claimsStart + index * Layout.claimSize
  }

  var word: Word64 { mapping.word64(start + Layout.claimState) }
  var member: Word64 { mapping.word64(start + Layout.claimMember) }
  var since: Word64 { mapping.word64(start + Layout.claimSince) }
  var process: Word32 { mapping.word32(start + Layout.claimProcess) }
  var place: Word32 { mapping.word32(start + Layout.claimPlace) }
  var next: Word32 { mapping.word32(start + Layout.claimNext) }
  var previous: Word32 { mapping.word32(start + Layout.claimPrevious) }
  var givenUpBefore: Word32 { mapping.word32(start + Layout.claimGivenUpBefore) }
  var counts: Word32 { mapping.word32(start + Layout.claimCounts) }

  static func word(_ number: UInt64, _ state: State) -> UInt64 { number << 2 | state.rawValue }

  var state: State { State(rawValue: word.load() & 3) ?? .free }
  var number: UInt64 { word.load() >> 2 }
  /// How other records name it.
  var link: UInt32 { UInt32(index + 1) }

  /// Changes the state of the claim with that number. False if it has another state, or the record is another claim's.
  func change(_ number: UInt64, _ old: State, to new: State) -> Bool {
    word.compareExchange(Self.word(number, old), Self.word(number, new)).exchanged
  }
}

/// A place's bytes of the page.
struct PlaceRecord {
  let index: Int
  private let mapping: Mapping
  private let start: Int

  init(_ mapping: Mapping, _ index: Int) {
    precondition((0..<Layout.placeCapacity).contains(index), "no place \(index)")
    self.mapping = mapping
    self.index = index
    start = Layout.placesStart + index * Layout.placeSize
  }

  /// Hash of its name; 0 while nobody uses it. Apart from the rest, so that a search reads little.
  var hash: Word64 { mapping.word64(Layout.placeHashesStart + index * 8) }
  var permits: Word32 { mapping.word32(start + Layout.placePermits) }
  var first: Word32 { mapping.word32(start + Layout.placeFirst) }
  var last: Word32 { mapping.word32(start + Layout.placeLast) }
  /// All who wait are from here on. Some may have given up.
  var firstWaiting: Word32 { mapping.word32(start + Layout.placeFirstWaiting) }
  /// How many permits are taken.
  var taken: Word32 { mapping.word32(start + Layout.placeTaken) }

  private var kindAndLength: Word32 { mapping.word32(start + Layout.placeName) }

  private func piece(_ offset: Int) -> Word64 { mapping.word64(start + Layout.placeNameBytes + offset) }

  var isEmpty: Bool { first.load() == 0 }

  var name: PlaceName {
    let header = kindAndLength.load()
    let length = min(Int(header & 0xFFFF), Layout.placeNameCapacity)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length + 8)
    for offset in stride(from: 0, to: length, by: 8) {
      let piece = piece(offset).load()
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: piece >> shift)) }
    }
    return PlaceName(kind: UInt16(header >> 16), Array(bytes.prefix(length)))
  }

  func hasName(_ name: PlaceName) -> Bool {
    guard kindAndLength.load() == Self.header(name) else { return false }
    return stride(from: 0, to: name.bytes.count, by: 8).allSatisfy { piece($0).load() == Self.piece(name, $0) }
  }

  /// Makes it a place of that name, where nobody is yet.
  func begin(_ name: PlaceName) {
    kindAndLength.store(Self.header(name))
    for offset in stride(from: 0, to: name.bytes.count, by: 8) { piece(offset).store(Self.piece(name, offset)) }
    for word in [first, last, firstWaiting, taken, permits] { word.store(0) }
    hash.publish(name.hash)
  }

  private static func header(_ name: PlaceName) -> UInt32 { UInt32(name.kind) << 16 | UInt32(name.bytes.count) }

  /// Eight bytes, the first one lowest.
  private static func piece(_ name: PlaceName, _ offset: Int) -> UInt64 {
    var piece: UInt64 = 0
    for (place, byte) in name.bytes[offset..<min(offset + 8, name.bytes.count)].enumerated() {
      piece |= UInt64(byte) << UInt64(place * 8)
    }
    return piece
  }
}
