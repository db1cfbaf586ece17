import Harness

/// What is measured, by the name that `--operations` takes.
enum Operation: String, CaseIterable, Sendable {
  case get
  case set
  case batch
  case load
  case scan
  case decodeScan = "decode-scan"
  case prefix
  case pattern
  case count
  case remove
  case sweep

  /// What one nanosecond figure is for.
  var unit: String {
    switch self {
    case .get: "get"
    case .set: "transaction"
    case .batch, .load: "entry written"
    case .scan: "entry read"
    case .decodeScan: "record"
    case .prefix: "prefix"
    case .pattern, .remove: "entry looked at"
    case .count: "count"
    case .sweep: "sweep"
    }
  }

  static func named(_ name: String) throws -> Operation {
    guard let operation = Operation(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: ", ")
      throw BenchmarkError("No operation is named \(name). There are: \(names).")
    }
    return operation
  }
}
