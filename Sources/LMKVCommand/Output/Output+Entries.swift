internal import LMKV

extension Output {
  /// An entry on a line of its own, the same in every list.
  func entry(_ entry: Entry<Value>, asJSON: Bool) throws {
    if asJSON {
      try object([
        "key": .string(entry.key), "value": entry.value, "revision": entry.revisionValue,
        "expires": entry.expiresValue,
      ])
    } else {
      try write(style.key(KeyArgument.printed(entry.key)))
      try write("\t")
      try line(entry.value.json)
    }
  }
}
