import ControlPage
import LMDBPlatform

extension ControlPageDriver {
  /// Takes the turn and keeps it until told, or until killed.
  static func hold(_ path: String, _: [String]) throws {
    let page = try page(path)
    let taking = try page.turn.take()
    pause("\(taking)")
    page.turn.release()
    pause("released")
  }

  /// Waits for the turn, that many milliseconds or for ever, and says how it came and after how many microseconds.
  static func wait(_ path: String, _ arguments: [String]) throws {
    let page = try page(path)
    say("waits")
    let start = ContinuousClock.now
    do {
      let taking = try page.turn.take(timeout: arguments.first.flatMap(Int.init).map { .milliseconds($0) })
      let waited = ContinuousClock.now - start
      page.turn.release()
      say("\(taking) \(waited / .microseconds(1))")
    } catch {
      say("\(error)")
    }
  }

  static func tryOnce(_ path: String, _: [String]) throws {
    let page = try page(path)
    let taking = try page.turn.tryTake()
    say(taking.map { "\($0)" } ?? "no")
    if taking != nil { page.turn.release() }
  }

  /// Adds 1 to a register so many times, in two steps that the turn must keep together.
  static func count(_ path: String, _ arguments: [String]) throws {
    let page = try page(path)
    let register = try page.register(7)
    let handsOver = arguments.contains("hand-over")
    pause("ready")
    for _ in 0..<(Int(arguments[0]) ?? 0) {
      _ = try page.turn.take()
      register.store(register.load() + 1)
      page.turn.release(handOver: handsOver)
    }
    say("done")
  }

  /// Counts until killed.
  static func run(_ path: String, _: [String]) throws {
    let page = try page(path)
    let register = try page.register(7)
    say("ready")
    while true {
      _ = try page.turn.take()
      register.add(1)
      page.turn.release()
    }
  }
}
