public import Foundation
internal import Harness

/// A typical record: every kind of value that applications keep.
public struct Record: Codable, Equatable, Sendable {
  public let id: Int
  public let name: String
  public let score: Double
  public let active: Bool
  public let created: Date
  public let tags: [String]
  public let author: Author
  public let payload: Data

  public struct Author: Codable, Equatable, Sendable {
    public let name: String
    public let email: String
    public let age: Int
  }

  /// Records that differ, always the same.
  public static func samples(_ count: Int) -> [Record] {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in Record(using: &random) }
  }

  private init(using random: inout some RandomNumberGenerator) {
    id = Int.random(in: 0..<1 << 40, using: &random)
    name = Self.text(22, using: &random)
    score = Double.random(in: 0..<1_000, using: &random)
    active = Bool.random(using: &random)
    created = Date(timeIntervalSince1970: Double(Int.random(in: 1_500_000_000..<1_900_000_000, using: &random)))
    tags = (0..<4).map { _ in Self.text(8, using: &random) }
    author = Author(
      name: Self.text(12, using: &random),
      email: Self.text(20, using: &random),
      age: Int.random(in: 18..<100, using: &random)
    )
    payload = Data((0..<64).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private static func text(_ length: Int, using random: inout some RandomNumberGenerator) -> String {
    String(decoding: (0..<length).map { _ in UInt8.random(in: 97...122, using: &random) }, as: UTF8.self)
  }
}
