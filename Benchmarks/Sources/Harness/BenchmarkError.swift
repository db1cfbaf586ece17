/// What went wrong, as one sentence for the person who runs the benchmark.
public struct BenchmarkError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
