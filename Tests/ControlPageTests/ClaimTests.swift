import ControlPage
import Foundation
import Testing

@Suite("Claims")
struct ClaimTests {
  private let patience = Duration.seconds(60)

  private func withTable(_ body: (ClaimTable) throws -> Void) throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      defer { page.close() }
      try body(page.claims)
    }
  }

  private func enter(
    _ table: ClaimTable,
    _ name: PlaceName,
    permits: Int = 1,
    waits: Bool = true
  ) throws -> ClaimTable.Entering {
    var grants = ClaimTable.Grants()
    return try table.enter(name, permits: permits, waits: waits, patience: patience, &grants)
  }

  private func claim(_ table: ClaimTable, _ name: PlaceName, permits: Int = 1) throws -> Claim {
    switch try enter(table, name, permits: permits) {
    case .holds(let claim), .waits(let claim): return claim
    case let other: throw Refused(what: "\(other)")
    }
  }

  private struct Refused: Error { let what: String }

  @Test("What is given up goes to the next in the order of coming, and to nobody who gave up")
  func order() throws {
    try withTable { table in
      let name = PlaceName(kind: 1, Array("lock".utf8))
      let claims = try (0..<5).map { _ in try claim(table, name) }
      func standings() -> [Claim.Standing] { claims.map(table.standing) }
      #expect(standings() == [.holds, .waits, .waits, .waits, .waits])
      var grants = ClaimTable.Grants()
      #expect(table.leaveQueue(claims[1], &grants))
      #expect(!table.leaveQueue(claims[1], &grants))
      #expect(!table.leaveQueue(claims[0], &grants))
      #expect(grants.places.isEmpty)
      table.leave(claims[0], &grants)
      table.leave(claims[0], &grants)
      #expect(grants.places == [claims[0].place])
      #expect(standings() == [.gone, .gone, .holds, .waits, .waits])
      #expect(try table.infos().map(\.claims).map { $0.map(\.holds) } == [[true, false, false]])
      try table.dismiss(claims[2], patience: patience, &grants)
      #expect(standings() == [.gone, .gone, .holds, .gone, .gone])
      table.leave(claims[2], &grants)
      #expect(try table.infos().isEmpty)
    }
  }

  @Test("Names are told apart by kind and bytes, up to the longest; all who use one share a number of permits")
  func names() throws {
    try withTable { table in
      let long = [UInt8](repeating: 7, count: PlaceName.capacity)
      let names = [
        PlaceName(kind: 1, []), PlaceName(kind: 2, []), PlaceName(kind: 1, [0]), PlaceName(kind: 1, [0, 0]),
        PlaceName(kind: 1, long), PlaceName(kind: 1, long.dropLast() + [8]), PlaceName(kind: 1, long.dropLast()),
      ]
      for name in names { _ = try claim(table, name, permits: 2) }
      #expect(try Set(table.infos().map(\.name)) == Set(names))
      #expect(try enter(table, names[0], permits: 3) == .otherPermits(2))
      _ = try claim(table, names[0], permits: 2)
      guard case .taken(let holders) = try enter(table, names[0], permits: 2, waits: false) else {
        Issue.record("a third permit")
        return
      }
      #expect(holders.map(\.member.processID) == [getpid(), getpid()])
    }
  }

  @Test("A full table says so, and has room again when something was given up")
  func full() throws {
    try withTable { table in
      let name = PlaceName(kind: 2, [1])
      let claims = try (0..<ClaimTable.claimCapacity).map { _ in try claim(table, name, permits: .max) }
      #expect(try enter(table, PlaceName(kind: 1, [2])) == .full)
      var grants = ClaimTable.Grants()
      for claim in claims.dropFirst() { table.leave(claim, &grants) }
      let others = try (1..<ClaimTable.placeCapacity).map { number in
        try claim(table, PlaceName(kind: 1, withUnsafeBytes(of: number) { Array($0) }))
      }
      #expect(try enter(table, PlaceName(kind: 1, [2])) == .full)
      table.leave(others[7], &grants)
      _ = try claim(table, PlaceName(kind: 1, [2]))
    }
  }

  @Test("Processes that are killed at any moment, also in the middle of a change, leave nothing behind")
  func storm() throws {
    try withPage { path in
      let page = try ControlPage.open(path, isFirst: true)
      var drivers = try (0..<4).map { _ in try Driver("claim", path) }
      for driver in drivers { try driver.expect("ready") }
      for round in 0..<60 {
        usleep(UInt32.random(in: 100...5_000))
        let victim = round % drivers.count
        drivers[victim].kill()
        drivers[victim] = try Driver("claim", path)
        try drivers[victim].expect("ready")
        let running = drivers.count { $0.isRunning }
        #expect(running == drivers.count)
        for place in try page.claims.infos() {
          #expect(place.permits == 2 && place.name.bytes.count == 1)
        }
      }
      for driver in drivers { driver.kill() }
      for name in 0..<UInt8(3) {
        // Nobody has one of its two permits, or waits.
        guard case .holds = try enter(page.claims, PlaceName(kind: 1, [name]), permits: 3) else {
          Issue.record("somebody dead has a permit of \(name)")
          return
        }
      }
      let counts = try page.claims.infos().map(\.claims.count)
      #expect(counts == [1, 1, 1])
      page.close()
    }
  }
}
