import ControlPage
import LMDBPlatform

extension ControlPageDriver {
  /// Claims one of two permits of one of three names, gives it back or gives up waiting, and so on until killed.
  static func claim(_ path: String, _: [String]) throws {
    let page = try page(path)
    say("ready")
    var grants = ClaimTable.Grants()
    var round = 0
    while true {
      round += 1
      let name = PlaceName(kind: 1, [UInt8(round % 3)])
      let patience = Duration.seconds(60)
      let entered = try page.claims.enter(name, permits: 2, waits: true, patience: patience, &grants)
      switch entered {
      case .holds(let claim): page.claims.leave(claim, &grants)
      case .waits(let claim):
        var rounds = 0
        while page.claims.standing(of: claim) == .waits, rounds < 50 {
          rounds += 1
          _ = try page.claims.look(claim.place, patience: patience, &grants)
        }
        page.claims.leave(claim, &grants)
      case .taken, .otherPermits, .busy, .full, .noBlocks: exit(65)
      }
      grants = ClaimTable.Grants()
    }
  }
}
