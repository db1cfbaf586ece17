/// What is wrong with a store, in words.
public struct Fault: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
