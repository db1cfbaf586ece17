import Foundation
import LMKV
import Testing

@Suite struct DecodingErrorTests {
  struct Leaf: Codable { var n: Int }
  struct Tree: Codable { var items: [Leaf] }

  @Test("Each type is only itself") func mismatches() throws {
    for (kind, error) in [
      ("typeMismatch", try decodingError(Bool.self, "01")),
      ("typeMismatch", try decodingError(Int.self, "f93c00")),
      ("typeMismatch", try decodingError(Int.self, "f5")),
      ("typeMismatch", try decodingError(Int.self, "6131")),
      ("typeMismatch", try decodingError(String.self, "4161")),
      ("typeMismatch", try decodingError([UInt8].self, "6161")),
      ("typeMismatch", try decodingError(Data.self, "6161")),
      ("typeMismatch", try decodingError(Double.self, "f4")),
      ("typeMismatch", try decodingError(Date.self, "00")),
      ("typeMismatch", try decodingError(Date.self, "c16161")),
      ("typeMismatch", try decodingError(Int.self, "c100")),
      ("typeMismatch", try decodingError(Leaf.self, "80")),
      ("typeMismatch", try decodingError([Int].self, "a0")),
      ("typeMismatch", try decodingError([String: Int].self, "80")),
      ("valueNotFound", try decodingError(Int.self, "f6")),
      ("valueNotFound", try decodingError(String.self, "f7")),
      ("valueNotFound", try decodingError(Leaf.self, "f6")),
      ("dataCorrupted", try decodingError(Int8.self, "1880")),
      ("dataCorrupted", try decodingError(UInt.self, "20")),
      ("dataCorrupted", try decodingError(Int.self, "1bffffffffffffffff")),
      ("dataCorrupted", try decodingError(Int128.self, "c25080000000000000000000000000000000")),
      ("dataCorrupted", try decodingError(UInt128.self, "c35100000000000000000000000000000000ff")),
      ("dataCorrupted", try decodingError(UUID.self, "d825 420000")),
      ("dataCorrupted", try decodingError(Float.self, "fb7e37e43c8800759c")),
    ] {
      #expect(error.kind == kind, "\(error)")
    }
  }

  @Test("An integer is a Double only where that is exact") func exactDoubles() throws {
    #expect(try CBORDecoder().decode(Double.self, from: bytes("1864")) == 100)
    #expect(try CBORDecoder().decode(Float.self, from: bytes("3863")) == -100)
    #expect(try CBORDecoder().decode(Double.self, from: bytes("1b0020000000000000")) == 0x1p53)
    #expect(try decodingError(Double.self, "1b0020000000000001").kind == "dataCorrupted")
    #expect(try CBORDecoder().decode(Float.self, from: bytes("fb3fb999999999999a")) == 0.1)
  }

  @Test("A coding path leads to what is wrong") func paths() throws {
    let tree = "a1 656974656d73 82 a1616e01"
    #expect(try decodingError(Tree.self, tree + "a1616ef5").path == "items.Index 1.n")
    #expect(try decodingError(Tree.self, tree + "a1616e").path == "items.Index 1.n")
    #expect(try decodingError(Tree.self, tree + "a0").path == "items.Index 1")
    #expect(try decodingError([Int: [String]].self, "a1 05 81 01").path == "5.Index 0")
    #expect(try decodingError([Int].self, "82 01 6161").path == "Index 1")
    #expect(try decodingError(Tree.self, tree + "a1616ef5").context.debugDescription.contains("byte offset 15"))
  }

  @Test("A value that can't be decoded as one type can be tried as another") func attempts() throws {
    enum Either: Decodable, Equatable {
      case leaf(Int)
      case number(Int)
      case text(String)
      init(from decoder: any Decoder) throws {
        if let leaf = try? Leaf(from: decoder) {
          self = .leaf(leaf.n)
        } else {
          let container = try decoder.singleValueContainer()
          if let number = try? container.decode(Int.self) {
            self = .number(number)
          } else {
            self = .text(try container.decode(String.self))
          }
        }
      }
    }
    let mixed = try CBORDecoder().decode([Either].self, from: bytes("83 a1616e01 02 6133"))
    #expect(mixed == [.leaf(1), .number(2), .text("3")])
  }
}
