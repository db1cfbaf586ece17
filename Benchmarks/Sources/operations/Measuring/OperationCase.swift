import Harness

/// One operation of one contender on the stores of one size.
struct OperationCase {
  let contender: String
  let operation: Operation
  /// Measures for about so long. Gives the nanoseconds of the operation's unit.
  let measure: (Duration) throws -> Double
}

extension Operation {
  func check<Outcome: Equatable>(_ found: Outcome, _ expected: Outcome, _ contender: String) throws {
    if found != expected {
      throw BenchmarkError("\(contender), \(rawValue): expected \(expected), got \(found).")
    }
  }
}
