public import LMDB
import LMKV

/// Looks at a store from below, as `docs/design.md` has it: catalog, head, headers of entries and the expiry index.
public struct StoreLayout {
  private let environment: Environment

  public init(_ environment: Environment) {
    self.environment = environment
  }

  public func check() throws {
    guard let metadata = try environment.entries("lmkv") else { throw Fault("corrupt: there is no named DB lmkv") }
    guard let head = try environment.read({ try $0.get("\0lmkv", in: environment.mainDatabase) }), head.count == 24
    else {
      throw Fault("corrupt: there is no head")
    }
    let revision = Self.number(head[..<8])
    let catalog = try metadata.mapValues { try CBORDecoder().decode(Value.self, from: $0) }
    guard catalog["format"] == 2, let bound = catalog["revision"]?.int, bound >= revision else {
      throw Fault("corrupt: format or bound of revisions")
    }
    let living = Set(catalog.filter { $0.key.hasPrefix("scope/") }.compactMap(\.value.string))
    let retired = Set(catalog.keys.filter { $0.hasPrefix("retired/") }.map { String($0.dropFirst(8)) })
    let names = try environment.databaseNames().filter { $0.hasPrefix("scope:") }
    guard living.isDisjoint(with: retired), living.union(retired) == Set(names) else {
      throw Fault("corrupt: the catalog and the named DBs differ")
    }
    let expiries = try indexedExpiries()
    for name in living {
      for (key, entry) in try environment.entries(name) ?? [:] { try check(entry, name, key, revision, expiries) }
    }
    for name in retired {
      guard try environment.entries(name)?.isEmpty != false else {
        throw Fault("corrupt: retired \(name) is not empty")
      }
    }
  }

  private func check(
    _ entry: [UInt8],
    _ name: String,
    _ key: String,
    _ newest: UInt64,
    _ expiries: Set<String>
  ) throws {
    let expires = entry.first == 0x11
    let header = expires ? 17 : 9
    guard expires || entry.first == 0x10, entry.count > header, (1...max(1, newest)).contains(Self.number(entry[1..<9]))
    else { throw Fault("corrupt: the header of \(name) \(key)") }
    if expires, !expiries.contains("\(Self.number(entry[9..<17])) \(name) \(key)") {
      throw Fault("corrupt: \(name) \(key) expires and is not in the index")
    }
    do {
      _ = try CBORDecoder().decode(Value.self, from: Array(entry[header...]))
    } catch {
      throw Fault("corrupt: the value of \(name) \(key): \(error)")
    }
  }

  /// When, in which named DB, and which key.
  private func indexedExpiries() throws -> Set<String> {
    guard let index = try environment.openDatabase("expiry") else { throw Fault("corrupt: there is no expiry index") }
    return try environment.read { transaction in
      var found: Set<String> = []
      try transaction.withCursor(in: index) { cursor in
        var isThere = try cursor.first()
        while isThere {
          if let key = try cursor.key(), let value = try cursor.value() {
            let when = Self.number(key[..<8]) ^ 1 << 63
            let list = try CBORDecoder().decode(Value.self, from: value).array ?? []
            for place in stride(from: 0, to: list.count - 1, by: 2) {
              found.insert("\(when) \(Self.text(list[place])) \(Self.text(list[place + 1]))")
            }
          }
          isThere = try cursor.next()
        }
      }
      return found
    }
  }

  private static func text(_ value: Value) -> String {
    if case .bytes(let bytes) = value { return String(decoding: bytes, as: UTF8.self) }
    return value.string ?? "?"
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
