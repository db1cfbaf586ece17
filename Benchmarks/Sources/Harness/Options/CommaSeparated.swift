public import ArgumentParser

/// A list in one argument: `--entries 10000,1000000`.
public struct CommaSeparated<Element: LosslessStringConvertible & Sendable>: ExpressibleByArgument, Sendable {
  public let elements: [Element]

  public init(_ elements: [Element]) {
    self.elements = elements
  }

  public init?(argument: String) {
    let parts = argument.split(separator: ",")
    let elements = parts.compactMap { Element(String($0)) }
    if elements.isEmpty || elements.count < parts.count { return nil }
    self.elements = elements
  }

  public var defaultValueDescription: String {
    elements.map(\.description).joined(separator: ",")
  }
}
