import Foundation
import LMKV
import Testing

/// Python reads and writes our files by what `docs/design.md` says about them, with LMDB and a CBOR library.
@Suite struct PythonOracleTests {
  static let values: [(String, Value)] = [
    ("null", nil), ("true", true), ("false", false), ("int", 1), ("double", 1.0), ("empty", ""), ("zero", 0),
    ("negative", -1), ("max", .integer(Int128(Int64.max))), ("min", .integer(Int128(Int64.min))),
    ("unsigned", .integer(Int128(UInt64.max))), ("huge", .integer(Int128.max)),
    ("half", 0.5), ("tenth", 0.1), ("large", 1e300), ("small", .double(.leastNonzeroMagnitude)), ("minus zero", -0.0),
    ("nan", .double(.nan)),
    ("infinity", .double(.infinity)), ("text", "Grüße, 日本 🇩🇪 \u{0}"), ("bytes", .bytes([0, 255, 10])),
    ("no bytes", .bytes([])), ("date", .date(Date(timeIntervalSince1970: 1_700_000_000.25))),
    ("array", [1, 1.0, true, nil, "1", []]),
    ("map", ["z": 1, "a": ["y": [nil, ["x": ""]], "b": 2.5], "é": [:], "m": -7]),
    ("ключ 日本 🇩🇪", "unicode key"), (String(repeating: "k", count: 511), "long key"),
  ]

  private static let layout = """
    import sys, struct, datetime, math, lmdb, cbor2
    environment = lmdb.open(sys.argv[1], max_dbs=64, map_size=1 << 30)
    metadata = environment.open_db(b"lmkv", create=False)
    def database(txn, scope):
        return environment.open_db(cbor2.loads(txn.get(b"scope/" + scope.encode(), db=metadata)).encode(), txn=txn, create=False)
    def entry(data):
        assert data[0] >> 4 == 1, data
        size = 17 if data[0] & 1 else 9
        return struct.unpack(">Q", data[1:9])[0], cbor2.loads(data[size:])
    def same(a, b):
        if type(a) is not type(b): return False
        if isinstance(a, float): return struct.pack(">d", a) == struct.pack(">d", b) or (math.isnan(a) and math.isnan(b))
        if isinstance(a, list): return len(a) == len(b) and all(map(same, a, b))
        if isinstance(a, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
        return a == b
    expected = {
        "null": None, "true": True, "false": False, "int": 1, "double": 1.0, "empty": "", "zero": 0, "negative": -1,
        "max": 2**63 - 1, "min": -2**63, "unsigned": 2**64 - 1, "huge": 2**127 - 1, "half": 0.5, "tenth": 0.1,
        "large": 1e300, "small": 5e-324, "minus zero": -0.0, "nan": math.nan, "infinity": math.inf,
        "text": "Gr\\u00fc\\u00dfe, \\u65e5\\u672c \\U0001F1E9\\U0001F1EA \\0", "bytes": b"\\0\\xff\\n", "no bytes": b"",
        "date": datetime.datetime.fromtimestamp(1700000000.25, datetime.timezone.utc),
        "array": [1, 1.0, True, None, "1", []],
        "map": {"z": 1, "a": {"y": [None, {"x": ""}], "b": 2.5}, "\\u00e9": {}, "m": -7},
        "\\u043a\\u043b\\u044e\\u0447 \\u65e5\\u672c \\U0001F1E9\\U0001F1EA": "unicode key", "k" * 511: "long key",
    }

    """

  @Test func `Python reads what we wrote`() throws {
    try withStorePath(.soundToOthers) { path throws in
      let store = try Store(path: path)
      let scope = store.scope("werte/é")
      for (key, value) in Self.values { try scope.set(key, value) }
      struct Record: Codable, Sendable { var name = "Ada", born = 1815, height = 1.0, tags = ["a", "b"] }
      try store.scope("records", of: Record.self).set("ada", Record())
      try store.close()
      let script =
        Self.layout + """
          with environment.begin() as txn:
              revision, generation, stamp = struct.unpack(">QQQ", txn.get(b"\\0lmkv"))
              assert cbor2.loads(txn.get(b"format", db=metadata)) == 2
              assert str(cbor2.loads(txn.get(b"uuid", db=metadata))).upper() == sys.argv[2]
              found = {bytes(k).decode(): entry(bytes(v)) for k, v in txn.cursor(db=database(txn, "werte/\\u00e9"))}
              assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
              assert list(found) == sorted(expected, key=str.encode)
              for key, value in expected.items():
                  assert same(found[key][1], value), (key, found[key], value)
              assert sorted(r for r, _ in found.values()) == list(range(1, len(expected) + 1))
              assert revision == len(expected) + 1
              record = entry(txn.get(b"ada", db=database(txn, "records")))[1]
              assert same(record, {"name": "Ada", "born": 1815, "height": 1.0, "tags": ["a", "b"]}), record
          print("fine")
          """
      let result = try python(script, [path, store.uuid.uuidString], modules: ["lmdb", "cbor2"])
      #expect(result.status == 0 && result.output == "fine\n", "\(result.errors)")
    }
  }

  @Test func `We read what Python wrote`() throws {
    try withStorePath(.soundToOthers) { path throws in
      let store = try Store(path: path)
      try store.scope("s").set("first", 1)
      let script =
        Self.layout + """
          with environment.begin(write=True) as txn:
              revision, generation, stamp = struct.unpack(">QQQ", txn.get(b"\\0lmkv"))
              db = database(txn, "s")
              for key, value in expected.items():
                  data = cbor2.dumps(value, datetime_as_timestamp=True)
                  txn.put(key.encode(), b"\\x10" + struct.pack(">Q", revision + 1) + data, db=db)
              late = 32503680000000
              txn.put(b"expiring", b"\\x11" + struct.pack(">Qq", revision + 1, late) + cbor2.dumps("later"), db=db)
              txn.put(b"expired", b"\\x11" + struct.pack(">Qq", revision + 1, 1) + cbor2.dumps("gone"), db=db)
              index = environment.open_db(b"expiry", txn=txn)
              for key, moment in ((b"expiring", late), (b"expired", 1)):
                  digest = 0xCBF29CE484222325
                  for byte in key + b"\\0scope:s": digest = (digest ^ byte) * 0x100000001B3 % 2**64
                  place = struct.pack(">QQ", moment + 2**63, digest)
                  txn.put(place, cbor2.dumps(["scope:s", key.decode()]), db=index)
              txn.put(b"\\0lmkv", struct.pack(">QQQ", revision + 1, generation, stamp))
          print("fine")
          """
      let result = try python(script, [path], modules: ["lmdb", "cbor2"])
      #expect(result.status == 0 && result.output == "fine\n", "\(result.errors)")
      let scope = store.scope("s")
      for (key, value) in Self.values {
        let entry = try #require(try scope.entry(key), "\(key)")
        #expect(entry.value == value, "\(key)")
        #expect(entry.revision == 2)
      }
      // Equality of maps does not see the order, which is kept too.
      #expect(try scope.get("map")?.json == Self.values.first { $0.0 == "map" }?.1.json)
      #expect(try scope.entry("expiring")?.expires == Date(timeIntervalSince1970: 32_503_680_000))
      #expect(try scope.get("expired") == nil)
      #expect(try !scope.contains("expired"))
      #expect(try scope.count() == Self.values.count + 2)
      try scope.increment("first")
      #expect(try scope.entry("first")?.revision == 3)
      try store.close()
    }
  }
}
