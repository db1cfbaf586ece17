/// Finds the keys that lead to a place in the bytes, by walking them, so that decoding pays nothing for it.
///
/// It remembers where its last walk ended and goes on from there: a type that tries one thing and catches the error to
/// try another asks for a path with each element. Containers are read from front to back, so that all walks of a
/// decoding together go over each container once; only a container that is itself read anew is walked anew.
struct CBORPathFinder {
  /// An array, map or tag on the way, and the child in it that the last walk came to.
  private struct Level {
    var isTag = false
    var isMap = false
    var isIndefinite = false
    /// How many elements or pairs it has; without a meaning where the length is indefinite.
    var count: UInt64 = 0
    /// Where the first child, or its key, begins.
    var first = 0

    var index: UInt64 = 0
    /// Where the child's key begins, in a map.
    var keyStart = 0
    var childStart = 0
    /// Where the child ends. One that can't be read to its end holds all the rest.
    var childEnd = 0
    /// Whether the child is one, rather than the end of them all.
    var hasChild = false
    /// What the child is called; nil in a tag.
    var key: (any CodingKey)?
  }

  private var levels: [Level] = []

  /// The keys from the outermost item to the innermost one that holds this offset. What can't be read ends the way.
  mutating func path(to target: Int, in input: CBORReader) -> [any CodingKey] {
    var reader = input
    try? reader.skipSelfDescription()
    var depth = 0
    while reader.offset < target {
      if depth == levels.count {
        guard let level = enter(reader) else { break }
        levels.append(level)
      }
      guard move(depth, to: target, reader) else { break }
      reader.offset = levels[depth].childStart
      depth += 1
    }
    return levels[..<depth].compactMap(\.key)
  }

  /// The item that begins here, with no child yet; nil when it has none.
  private func enter(_ start: CBORReader) -> Level? {
    var reader = start
    guard let head = try? reader.readHead(), [.array, .map, .tag].contains(head.major) else { return nil }
    var level = Level(isTag: head.major == .tag, isMap: head.major == .map, isIndefinite: head.isIndefinite)
    level.count = level.isTag ? 1 : head.argument
    level.first = reader.offset
    level.childEnd = reader.offset
    return level
  }

  /// Makes the child that holds the target the one of this level, and forgets the levels inside another one; false when
  /// there is none: the target is in the item's own head, in a key, or behind all of them.
  private mutating func move(_ depth: Int, to target: Int, _ input: CBORReader) -> Bool {
    var level = levels[depth]
    guard target >= level.first else { return false }
    if level.hasChild, level.childStart..<level.childEnd ~= target { return true }
    levels.removeSubrange((depth + 1)...)
    if target < level.childEnd {
      level.hasChild = false
      level.index = 0
      level.childEnd = level.first
    }
    defer { levels[depth] = level }
    var reader = input
    while target >= level.childEnd {
      reader.offset = level.childEnd
      if level.hasChild { level.index += 1 }
      level.hasChild = false
      guard level.isIndefinite ? (try? reader.readBreak()) == false : level.index < level.count else { return false }
      level.keyStart = reader.offset
      if level.isMap, (try? reader.skip(depth: 0)) == nil { return false }
      level.childStart = reader.offset
      level.childEnd = (try? reader.skip(depth: 0)) == nil ? .max : reader.offset
      level.hasChild = true
    }
    level.key = key(of: level, input)
    return level.childStart <= target
  }

  /// What the level's child is called; nil for what is in a tag.
  private func key(of level: Level, _ input: CBORReader) -> CBORKey? {
    guard level.isMap else { return level.isTag ? nil : CBORKey(index: Int(truncatingIfNeeded: level.index)) }
    var reader = input
    reader.offset = level.keyStart
    return reader.readKey() ?? CBORKey(stringValue: "?")
  }
}
