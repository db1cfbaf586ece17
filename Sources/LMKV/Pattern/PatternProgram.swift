/// A compiled pattern: literal bytes at both ends, and what lies between them.
///
/// The ends are compared first, which settles most keys without a step of the program.
struct PatternProgram: Sendable {
  /// What one step of the program consumes.
  enum Step: Equatable, BitwiseCopyable {
    /// This byte. Literal text is whole scalars, each spelled out as its UTF-8 bytes.
    case byte(UInt8)
    /// Any one scalar.
    case anyScalar
    /// One scalar that the set at this index of ``sets`` contains.
    case scalar(inSet: Int)
    /// Any number of scalars. Two of these never follow each other.
    case anything
  }

  /// What every match begins with.
  var prefix: [UInt8] = []

  /// What comes after the prefix, from the first metacharacter to the last. Empty when the pattern is literal; then
  /// the prefix is all of it.
  var wildcards: [Step] = []

  /// What every match ends with, without overlapping the prefix.
  var suffix: [UInt8] = []

  /// The classes of the pattern.
  var sets: [ScalarSet] = []

  /// Whether anything may stand between prefix and suffix.
  var matchesEveryMiddle: Bool { wildcards.count == 1 && wildcards[0] == .anything }
}
