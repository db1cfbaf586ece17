import Foundation
import LMKV
import Testing

/// Maps that others wrote, read as dictionaries: every pair is there, or there is an error.
@Suite struct DictionaryTests {
  enum Size: String, Codable, CodingKeyRepresentable { case small, large }

  @Test func `A key that a dictionary cannot have is an error`() throws {
    #expect(try decodingError([Int: String].self, "a2 01 6161 f94100 6162").kind == "typeMismatch")
    #expect(try decodingError([Int: String].self, "a1 4101 6162").kind == "typeMismatch")
    #expect(try decodingError([Int: String].self, "a1 6178 6162").kind == "typeMismatch")
    #expect(try decodingError([Int: String].self, "a1 1bffffffffffffffff 6162").kind == "dataCorrupted")
    #expect(try decodingError([String: Int].self, "a1 f5 01").kind == "typeMismatch")
    #expect(try decodingError([Size: Int].self, "a1 f5 01").kind == "typeMismatch")
    let medium = try decodingError([Size: Int].self, "a2 65736d616c6c 01 666d656469756d 02")
    #expect(medium.kind == "dataCorrupted" && medium.context.debugDescription.contains("medium"))
    #expect(
      try decodingError([UUID: Int].self, "83 d825 5000112233445566778899aabbccddeeff 01 02").kind == "dataCorrupted"
    )
  }

  @Test func `A key that is there twice is an error, in whichever form`() throws {
    for bytes in ["a2 01 6161 01 6162", "a2 01 6161 1801 6162", "a2 01 6161 6131 6162", "bf 01 6161 01 6162 ff"] {
      let error = try decodingError([Int: String].self, bytes)
      #expect(error.kind == "dataCorrupted" && error.context.debugDescription.contains("twice"), "\(bytes)")
    }
    #expect(try decodingError([String: Int].self, "a2 6131 01 01 02").context.debugDescription.contains("twice"))
    let sizes = try decodingError([Size: Int].self, "a2 65736d616c6c 01 65736d616c6c 02")
    #expect(sizes.context.debugDescription.contains("twice"))
    let dates = try decodingError([Double: Int].self, "84 f93c00 01 fa3f800000 02")
    #expect(dates.context.debugDescription.contains("twice"))
  }

  @Test func `Keys that only Unicode takes for equal are an error that says so, and a Value has both`() throws {
    // "é" as one scalar, and as "e" with a combining accent.
    let map = "a2 62c3a9 01 6365cc81 02"
    #expect(try decodingError([String: Int].self, map).context.debugDescription.contains("Unicode"))
    #expect(try CBORDecoder().decode(Value.self, from: bytes(map)).map?.count == 2)
  }

  @Test func `Dictionaries come back as they were`() throws {
    try roundTrip([1: "a", -5: "b", .max: "c"])
    try roundTrip([Size.small: 1, .large: 2])
    try roundTrip([UUID(): 1, UUID(): 2])
    try roundTrip([1.5: ["x": [1: true]]])
    try roundTrip([Int: String]())
    try roundTrip([Double: String]())
    #expect(try CBORDecoder().decode([Int: String].self, from: bytes("bf 01 6161 6132 6162 ff")) == [1: "a", 2: "b"])
    #expect(try CBORDecoder().decode([Double: Int].self, from: bytes("9f f93c00 01 ff")) == [1: 1])
  }

  @Test func `An error inside a dictionary has the way there`() throws {
    #expect(try decodingError([Int: [Int]].self, "a2 01 80 02 82 01 6161").path == "2.Index 1")
    #expect(try decodingError([Size: Int].self, "a1 65736d616c6c f5").path == "small")
  }
}
