import Foundation
import LMKV

// What operations are made of, by chance.
extension ModelRun {
  static let scopeNames = ["a", "b", "ab", "users", "\u{E9}", "free"]

  func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  /// Whether something happens that happens once in so many times.
  func once(in times: Int) -> Bool {
    Int.random(in: 0..<times, using: &random) == 0
  }

  func pick<T>(_ elements: [T]) -> T {
    elements[Int.random(in: elements.indices, using: &random)]
  }

  func scopeName() -> String {
    pick(Self.scopeNames)
  }

  /// A key: often one of few, so that writes meet, and now and then none.
  func key() -> Model.Key {
    if once(in: 80) {
      return Model.Key(text: once(in: 2) ? "" : String(repeating: "k", count: number(512...600)), rank: nil)
    }
    return goodKey()
  }

  func goodKey() -> Model.Key {
    let count = pool.keys.count
    let rank = once(in: 3) ? number(0...(count - 1)) : number(0...11) * 7 % count
    return Model.Key(text: pool.keys[rank].text, rank: rank)
  }

  func goodKeys(upTo count: Int) -> [Model.Key] {
    (0..<number(0...count)).map { _ in goodKey() }
  }

  func keys(upTo count: Int) -> [Model.Key] {
    (0..<number(0...count)).map { _ in key() }
  }

  /// A value: often a small number, so that counting and comparing find something.
  func value() -> Value {
    switch number(0...15) {
    case 0...4: .integer(Int128(number(-3...3)))
    case 5: .integer(pick([Int128(Int.max), Int128(Int.min), Int128(Int.max) - 1, 127, -128, 300, 1 << 60]))
    case 6: .double(pick([0, -0.0, 1, 2.5, .nan, .infinity, .greatestFiniteMagnitude]))
    case 7: .string(pick(["", "a", "red", "e\u{301}", "\u{E9}", "\0"]))
    case 8: .array((0..<number(0...3)).map { _ in .integer(Int128(number(0...3))) })
    case 9: ["name": .string(pick(["Ada", "Bob"])), "n": .integer(Int128(number(0...3)))]
    case 10: .null
    case 11: .bool(.random(using: &random))
    case 12 where once(in: 6): .bytes(Array(repeating: 7, count: pick([3_000, 9_997, 9_998, 12_000])))
    case 13 where once(in: 20): .simple(24)
    default: .random(using: &random, depth: 3)
    }
  }

  /// A value that one key may hold; not one that cannot be stored.
  func goodValue() -> Value {
    while true {
      let value = value()
      if let bytes = try? Model.encoded(value), bytes.count <= Model.maxValueSize { return value }
    }
  }

  func expiring() -> Model.Expiring {
    switch number(0...23) {
    case 0: bad()
    case 1...9: .init(expiry: .never, text: "never", moment: .some(nil), keepsFormer: false)
    case 10...12: .init(expiry: .kept, text: "kept", moment: .some(nil), keepsFormer: true)
    case 13...15:
      { length, new in
        .init(expiry: .kept(or: new), text: "kept or \(length) ms", moment: model.now + length, keepsFormer: true)
      }(5, .milliseconds(5))
    default: after()
    }
  }

  private func after() -> Model.Expiring {
    let count = number(1...8)
    let (expiry, length): (Expiry, Int) =
      switch number(0...11) {
      case 0: (.seconds(count), count * 1_000)
      case 1: (.minutes(count), count * 60_000)
      case 2: (.hours(count), count * 3_600_000)
      case 3: (.days(count), count * 86_400_000)
      // A part of a millisecond counts as a whole.
      case 4: (.after(.microseconds(count * 1_000 - 1)), count)
      case 5: (.at(Date(timeIntervalSince1970: Double(model.now + Int64(count)) / 1_000)), count)
      default: (.milliseconds(count * 4), count * 4)
      }
    return .init(expiry: expiry, text: "in \(length) ms", moment: model.now + Int64(length), keepsFormer: false)
  }

  private func bad() -> Model.Expiring {
    let past = Date(timeIntervalSince1970: Double(model.now) / 1_000)
    let expiry: Expiry = pick([.seconds(0), .milliseconds(-1), .days(.max), .at(past), .kept(or: .seconds(0))])
    return .init(expiry: expiry, text: "\(expiry)", moment: nil, keepsFormer: false)
  }

  // MARK: Selections

  func selection() -> ModelSelection {
    var selection = baseSelection()
    for _ in 0..<pick([0, 0, 1, 1, 2, 3]) {
      selection =
        switch number(0...3) {
        case 0: selection.limited(to: pick([0, 1, 2, 5, 20]))
        case 1: selection.after(bound())
        default: selection.reversed()
        }
    }
    return selection
  }

  private func baseSelection() -> ModelSelection {
    switch number(0...9) {
    case 0...2: .all
    case 3: .prefix(pick(["", "a", "user:", "user:user-00", "u", "\u{E9}", "\u{10FFFF}", "k"]))
    case 4: .from(bound())
    case 5: .before(bound())
    case 6: .range(bound(), bound(), isClosed: once(in: 2))
    default: .matching(pattern())
    }
  }

  private func bound() -> String {
    once(in: 4) ? pick(["", "b", "user:user", "v", "\u{E9}", String(repeating: "z", count: 600)]) : goodKey().text
  }

  private func pattern() -> ModelPattern {
    let usual: [[ModelPattern.Piece]] = [
      [.anything], [.one], [.one, .one, .anything], [.from("a", to: "c", isNegated: false), .anything],
      [.from("a", to: "u", isNegated: true), .anything], [.scalar("*")], [.anything, .scalar("1")],
    ]
    if once(in: 4) { return ModelPattern(pieces: pick(usual)) }
    // A key with some of its characters made vague.
    return ModelPattern(
      pieces: goodKey().text.unicodeScalars.prefix(30).map { scalar in
        switch number(0...7) {
        case 0: .anything
        case 1: .one
        case 2: .from("a", to: "u", isNegated: false)
        default: .scalar(scalar)
        }
      } + (once(in: 2) ? [.anything] : [])
    )
  }
}
