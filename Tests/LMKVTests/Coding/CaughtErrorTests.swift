import Foundation
import LMKV
import Testing

/// Errors that a type catches to try something else.
@Suite struct CaughtErrorTests {
  enum StringOrInt: Decodable, Equatable {
    case int(Int)
    case string(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let int = try? container.decode(Int.self) {
        self = .int(int)
      } else {
        self = .string(try container.decode(String.self))
      }
    }
  }

  /// Anything, found out by trying. A key that is nowhere is tried, too, and a path that nobody needs.
  struct Anything: Decodable {
    var leaves = 1

    init(from decoder: any Decoder) throws {
      if (try? decoder.singleValueContainer().decode(Int.self)) != nil { return }
      if var array = try? decoder.unkeyedContainer() {
        leaves = 0
        while !array.isAtEnd {
          _ = try? array.decode(Bool.self)
          _ = array.codingPath
          leaves += try array.decode(Anything.self).leaves
        }
      } else if let map = try? decoder.container(keyedBy: Key.self) {
        leaves = 0
        for key in map.allKeys {
          _ = try? map.decode(Bool.self, forKey: key)
          leaves += try map.decode(Anything.self, forKey: key).leaves
        }
      } else {
        _ = try decoder.singleValueContainer().decode(String.self)
      }
    }
  }

  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  static let count = 16_000

  // What is quadratic here takes an hour or more.
  @Test("A caught error costs the same at the end of a value as at its beginning", .timeLimit(.minutes(10)))
  func cost() throws {
    let strings = (0..<Self.count).map { "s\($0)" }
    let array = try CBOREncoder().encode(strings)
    #expect(try CBORDecoder().decode([StringOrInt].self, from: array).last == .string("s\(Self.count - 1)"))
    #expect(try CBORDecoder().decode(Anything.self, from: array).leaves == Self.count)
    let map = try CBOREncoder().encode(Dictionary(uniqueKeysWithValues: strings.map { ($0, $0) }))
    #expect(try CBORDecoder().decode([String: StringOrInt].self, from: map).count == Self.count)
    #expect(try CBORDecoder().decode(Anything.self, from: map).leaves == Self.count)
    // Here each path has a hundred keys, so there are fewer of them.
    let deep = bytes(String(repeating: "81", count: 100)) + (try CBOREncoder().encode(Array(strings.prefix(2_000))))
    #expect(try CBORDecoder().decode(Anything.self, from: deep).leaves == 2_000)
    // A last element that is cut short, so that no container can be read to its end.
    #expect(throws: DecodingError.self) { try CBORDecoder().decode(Anything.self, from: deep.dropLast() + []) }
    // Indefinite lengths, each with one element and then another array.
    let nested = bytes(String(repeating: "9f6161", count: 120) + String(repeating: "ff", count: 120))
    let many = bytes("9f") + Array(repeatElement(nested, count: 20).joined()) + bytes("ff")
    #expect(try CBORDecoder().decode(Anything.self, from: many).leaves == 2_400)
  }

  /// Goes to every place of a value, and expects the decoder to know the way there.
  struct Walker: Decodable {
    init(from decoder: any Decoder) throws {
      var random = SeededGenerator(seed: decoder.userInfo[.seed] as? UInt64 ?? 0)
      try Self.walk(decoder, [], &random)
    }

    static func walk(_ decoder: any Decoder, _ path: [String], _ random: inout SeededGenerator) throws {
      if Bool.random(using: &random) { expect(decoder, path) }
      if let map = try? decoder.container(keyedBy: Key.self) {
        for key in map.allKeys.shuffled(using: &random) {
          try walk(map.superDecoder(forKey: key), path + [key.stringValue], &random)
          if Bool.random(using: &random) { #expect(map.codingPath.map(\.stringValue) == path) }
        }
      } else if var array = try? decoder.unkeyedContainer() {
        var elements: [any Decoder] = []
        while !array.isAtEnd { elements.append(try array.superDecoder()) }
        for index in elements.indices.shuffled(using: &random) {
          try walk(elements[index], path + ["Index \(index)"], &random)
        }
        if Bool.random(using: &random) { #expect(array.codingPath.map(\.stringValue) == path) }
      }
      expect(decoder, path)
    }

    static func expect(_ decoder: any Decoder, _ path: [String]) {
      let error = #expect(throws: DecodingError.self) { try decoder.singleValueContainer().decode(UUID.self) }
      #expect(error?.path == path.joined(separator: "."))
      #expect(decoder.codingPath.map(\.stringValue) == path)
    }
  }

  @Test("The coding path is right in whatever order a type reads, catches and asks") func order() async throws {
    try await withSeed { random in
      for _ in 0..<200 {
        let value = Self.tree(depth: 0, &random)
        let decoder = CBORDecoder(userInfo: [.seed: UInt64.random(in: 0 ... .max, using: &random)])
        _ = try decoder.decode(Walker.self, from: try CBOREncoder().encode(value))
      }
    }
  }

  private static func tree(depth: Int, _ random: inout SeededGenerator) -> Value {
    let count = depth < 5 ? Int.random(in: 0...4, using: &random) : 0
    let children = (0..<count).map { _ in tree(depth: depth + 1, &random) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return .array(children)
    case 1: return .tagged(1000, .array(children))
    case 2: return .integer(Int128.random(in: 0...1000, using: &random))
    default:
      var map: Value = [:]
      for (index, child) in children.enumerated() { map["k\(index)"] = child }
      return map
    }
  }
}

extension CodingUserInfoKey {
  fileprivate static let seed = CodingUserInfoKey(rawValue: "seed").unsafelyUnwrapped
}
