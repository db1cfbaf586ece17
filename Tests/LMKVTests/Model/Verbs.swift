import LMKV

/// What reads, alike on a scope's handle, in a snapshot and in a transaction.
protocol ReadVerbs {
  func get(_ key: String) throws -> Value?
  func get<T: Decodable>(_ key: String, as type: T.Type) throws -> T?
  func get(_ key: String, default defaultValue: @autoclosure () throws -> Value) throws -> Value
  func require(_ key: String) throws -> Value
  func entry(_ key: String) throws -> Entry<Value>?
  func contains(_ key: String) throws -> Bool
  func timeToLive(_ key: String) throws -> TimeToLive?
  func count(_ selection: KeySelection) throws -> Int
  var isEmpty: Bool { get throws }
  func get(_ keys: some Sequence<String>) throws -> [(key: String, value: Value?)]
  func getAll(_ selection: KeySelection) throws -> [(key: String, value: Value)]
  func page(_ selection: KeySelection, limit: Int, maxBytes: Int?) throws -> Page<Value>
  func first(_ selection: KeySelection) throws -> (key: String, value: Value)?
  func last(_ selection: KeySelection) throws -> (key: String, value: Value)?
  /// `keys`, which is a list here and a sequence there.
  func keyList(_ selection: KeySelection) throws -> [String]
}

/// What writes, alike on a scope's handle and in a transaction.
protocol WriteVerbs: ReadVerbs {
  func set(_ key: String, _ value: Value, expires: Expiry) throws
  func remove(_ key: String) throws -> Bool
  func clear() throws -> Int

  func setIfAbsent(_ key: String, _ value: Value, expires: Expiry) throws -> ConditionalResult<Value>
  func setIfPresent(_ key: String, _ value: Value, expires: Expiry) throws -> ConditionalResult<Value>
  func set(_ key: String, _ value: Value, ifRevision: UInt64?, expires: Expiry) throws -> ConditionalResult<Value>
  func set(_ key: String, _ value: Value, ifValue: Value, expires: Expiry) throws -> ConditionalResult<Value>
  func remove(_ key: String, ifRevision: UInt64) throws -> ConditionalResult<Value>
  func remove(_ key: String, ifValue: Value) throws -> ConditionalResult<Value>

  func exchange(_ key: String, _ value: Value, expires: Expiry) throws -> Value?
  func take(_ key: String) throws -> Value?
  func getOrSet(_ key: String, expires: Expiry, _ make: () throws -> Value) throws -> Value
  func update(
    _ key: String,
    default defaultValue: @autoclosure () throws -> Value,
    expires: Expiry,
    _ change: (inout Value) throws -> Void
  ) throws -> Value
  func update(_ key: String, expires: Expiry, _ change: (inout Value?) throws -> Void) throws -> Value?

  func set(_ entries: [String: Value], expires: Expiry) throws
  func set(_ entries: some Sequence<(String, Value)>, expires: Expiry) throws
  func setIfAbsent(_ entries: some Sequence<(String, Value)>, expires: Expiry) throws -> [String]
  func setAllIfAbsent(_ entries: some Sequence<(String, Value)>, expires: Expiry) throws -> BatchResult
  func remove(_ keys: some Sequence<String>) throws -> Int
  func removeAll(_ selection: KeySelection) throws -> Int

  func increment(_ key: String, by amount: Int, expires: Expiry) throws -> Int
  func increment(_ key: String, by amount: Double, expires: Expiry) throws -> Double
  func raise<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry) throws -> T
  func lower<T: Comparable & Codable>(_ key: String, to value: T, expires: Expiry) throws -> T
  func append(_ key: String, _ element: Value, expires: Expiry) throws -> Int
  func append(_ key: String, contentsOf elements: some Sequence<Value>, expires: Expiry) throws -> Int

  func touch(_ key: String, expires: Expiry) throws -> Bool
  func persist(_ key: String) throws -> Bool
  func touch(_ keys: some Sequence<String>, expires: Expiry) throws -> Int
  func persist(_ keys: some Sequence<String>) throws -> Int
}

/// What a scope of integers has besides.
protocol IntegerVerbs<Stored> {
  associatedtype Stored: FixedWidthInteger & ModelledType
  func get(_ key: String) throws -> Stored?
  func increment(_ key: String, by amount: Stored, expires: Expiry) throws -> Stored
  func raise(_ key: String, to value: Stored, expires: Expiry) throws -> Stored
  func lower(_ key: String, to value: Stored, expires: Expiry) throws -> Stored
}

extension ScopeView: ReadVerbs where Stored == Value {
  func keyList(_ selection: KeySelection) throws -> [String] {
    var list: [String] = []
    try keys(selection).forEach { list.append($0) }
    return list
  }
}

extension Scope: ReadVerbs where Stored == Value {
  func keyList(_ selection: KeySelection) throws -> [String] { try keys(selection) }
}

extension ScopeView: WriteVerbs where Stored == Value, Access == Transaction {}
extension Scope: WriteVerbs where Stored == Value {}
extension ScopeView: IntegerVerbs where Stored: FixedWidthInteger & ModelledType, Access == Transaction {}
extension Scope: IntegerVerbs where Stored: FixedWidthInteger & ModelledType {}
