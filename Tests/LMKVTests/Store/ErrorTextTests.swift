import Foundation
import LMKV
import Testing

/// What an error says to whoever prints it.
@Suite struct ErrorTextTests {
  struct Item: Codable, Sendable { var price: Int }
  struct Cart: Codable, Sendable {
    var items: [Item]
    var owner: String
  }

  @Test func `A value that is no such type is told with key, scope, place and reason`() throws {
    try withStore { store throws in
      let scope = store.scope("carts")
      try scope.set("ada", ["owner": "Ada", "items": [["price": 1], ["price": "much"]]])
      expectError(.typeMismatch, naming: "\"ada\"", "\"carts\"", "Cart", "items.1.price", "Int", "a text string") {
        _ = try scope.get("ada", as: Cart.self)
      }
      try scope.set("bob", ["items": []])
      expectError(.typeMismatch, naming: "\"bob\"", "\"carts\"", "Cart", "\"owner\"") {
        _ = try scope.get("bob", as: Cart.self)
      }
      try scope.set("eve", ["owner": "Eve", "items": [["price": 1e300]]])
      expectError(.typeMismatch, naming: "\"eve\"", "items.0.price") { _ = try scope.get("eve", as: Cart.self) }
      expectError(.typeMismatch, naming: "\"eve\"", "a map") { _ = try scope.get("eve", as: Int.self) }
    }
  }

  @Test func `The localized description is the message`() throws {
    try withStore { store throws in
      let error = #expect(throws: LMKVError.self) { try store.scope("s").require("k") }
      #expect(error?.localizedDescription == error?.message)
      #expect((error as (any Error)?)?.localizedDescription == "There is no \"k\" in the scope \"s\".")
    }
  }

  @Test func `A value that nests too deep is told as that`() throws {
    final class Node: Codable, Sendable {
      let next: Node?
      init(_ next: Node?) { self.next = next }
    }
    struct Nested: Codable, Sendable {
      var levels: Int
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for _ in 0..<levels { container = container.nestedUnkeyedContainer() as any UnkeyedEncodingContainer }
        try container.encode(1)
      }
    }
    var node = Node(nil)
    for _ in 0..<200 { node = Node(node) }
    let deep = node
    try withStore { store throws in
      expectError(.encodingFailed, naming: "\"k\"", "deeper than 128 levels") {
        try store.scope("s", of: Node.self).set("k", deep)
      }
      expectError(.encodingFailed, naming: "\"k\"", "deeper than 128 levels") {
        try store.scope("s", of: Nested.self).set("k", Nested(levels: 200))
      }
    }
  }
}
