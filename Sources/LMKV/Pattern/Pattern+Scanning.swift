/// What a scan needs to know of a pattern to read as few keys as it can.
extension Pattern {
  /// The bytes with which every matching key begins: all before the first metacharacter, escapes resolved.
  var literalPrefix: [UInt8] { program.prefix }

  /// Whether exactly one key can match, ``literalPrefix``: then a scan is a single get. An empty pattern is literal too.
  var isLiteral: Bool { program.wildcards.isEmpty }

  /// Whether every key matches: the pattern is `*`, or several of them.
  var matchesEverything: Bool { program.prefix.isEmpty && program.matchesEveryMiddle && program.suffix.isEmpty }
}
