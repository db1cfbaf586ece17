import LMKV

/// What a store should hold: dictionaries, a clock that stands still, and the number of the latest commit.
struct Model {
  struct Entry {
    var value: Value
    /// The value as CBOR, in which 1 and 1.0, the zeros and the order of maps differ.
    var bytes: [UInt8]
    var expiry: Int64?
    var revision: UInt64
  }

  /// An error that the store should throw.
  struct Refusal: Error {
    let code: LMKVError.Code

    init(_ code: LMKVError.Code) {
      self.code = code
    }
  }

  /// A key to call a verb with; one without a number may not be a key.
  struct Key {
    let text: String
    let rank: Int?

    func checked() throws -> Int {
      guard let rank else { throw Refusal(text.isEmpty ? .emptyKey : .keyTooLong) }
      return rank
    }
  }

  /// An expiry to call a verb with, and what it comes to.
  struct Expiring {
    let expiry: Expiry
    let text: String
    /// Nil when it is no expiry.
    let moment: Int64??
    let keepsFormer: Bool

    func checked() throws {
      guard moment != nil else { throw Refusal(.invalidArgument) }
    }
  }

  static let maxValueSize = 10_000

  /// All entries by the number of their key, those included that have expired: they may be there still.
  var scopes: [String: [Int: Entry]] = [:]
  var now: Int64
  var revision: UInt64 = 0
  /// Whether the transaction that runs has written something.
  var hasChanged = false

  init(now: Int64) {
    self.now = now
  }

  /// What a transaction that runs now writes into its entries.
  var newRevision: UInt64 { revision + 1 }

  func isLiving(_ entry: Entry) -> Bool {
    entry.expiry.map { $0 > now } ?? true
  }

  func living(_ scope: String, _ rank: Int) -> Entry? {
    guard let entry = scopes[scope]?[rank], isLiving(entry) else { return nil }
    return entry
  }

  func living(_ scope: String, _ key: Key) throws -> Entry? {
    living(scope, try key.checked())
  }

  /// The numbers of all living keys, in order.
  func ranks(_ scope: String) -> [Int] {
    (scopes[scope] ?? [:]).filter { isLiving($0.value) }.keys.sorted()
  }

  // MARK: Writing

  static func encoded(_ value: Value) throws -> [UInt8] {
    do {
      return try CBOREncoder().encode(value)
    } catch is EncodingError {
      throw Refusal(.encodingFailed)
    }
  }

  /// Everything that writes a value comes down to this.
  mutating func put(_ scope: String, _ key: Key, _ value: Value, _ expires: Expiring) throws {
    try expires.checked()
    let rank = try key.checked()
    let former = living(scope, rank)
    let bytes = try Self.encoded(value)
    guard bytes.count <= Self.maxValueSize else { throw Refusal(.valueTooLarge) }
    let moment = expires.moment ?? nil
    let expiry = if expires.keepsFormer, let former { former.expiry } else { moment }
    scopes[scope, default: [:]][rank] = Entry(value: value, bytes: bytes, expiry: expiry, revision: newRevision)
    hasChanged = true
  }

  mutating func remove(_ scope: String, _ rank: Int) -> Bool {
    guard living(scope, rank) != nil else { return false }
    scopes[scope]?[rank] = nil
    hasChanged = true
    return true
  }

  mutating func clear(_ scope: String) -> Int {
    let count = ranks(scope).count
    if scopes[scope] != nil { scopes[scope] = [:] }
    if count > 0 { hasChanged = true }
    return count
  }

  mutating func touch(_ scope: String, _ rank: Int, _ expires: Expiring) -> Bool {
    guard var entry = living(scope, rank) else { return false }
    let expiry = expires.keepsFormer ? entry.expiry : expires.moment ?? nil
    if expiry != entry.expiry {
      entry.expiry = expiry
      entry.revision = newRevision
      scopes[scope]?[rank] = entry
      hasChanged = true
    }
    return true
  }

  // MARK: Scopes

  mutating func createScope(_ name: String) throws {
    try checkName(name)
    guard scopes[name] == nil else { throw Refusal(.scopeExists) }
    scopes[name] = [:]
    hasChanged = true
  }

  mutating func renameScope(_ name: String, to newName: String) throws {
    let entries = try existing(name)
    try createScope(newName)
    scopes[newName] = entries
    scopes[name] = nil
  }

  mutating func copyScope(_ name: String, to newName: String) throws -> Int {
    let entries = try existing(name)
    try createScope(newName)
    let living = entries.filter { isLiving($0.value) }
    let copies = living.mapValues { [newRevision] entry in
      var copy = entry
      copy.revision = newRevision
      return copy
    }
    scopes[newName] = copies
    return copies.count
  }

  mutating func dropScope(_ name: String) throws -> Int {
    _ = try existing(name)
    defer { scopes[name] = nil }
    hasChanged = true
    return ranks(name).count
  }

  private func existing(_ name: String) throws -> [Int: Entry] {
    try checkName(name)
    guard let entries = scopes[name] else { throw Refusal(.scopeNotFound) }
    return entries
  }

  private func checkName(_ name: String) throws {
    if name.isEmpty { throw Refusal(.invalidName) }
  }
}
