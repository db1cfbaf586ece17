internal import ArgumentParser

/// The contenders that a benchmark has, by their names.
public struct ContenderList<Contender> {
  public let all: [Contender]
  private let name: (Contender) -> String

  public init(_ all: [Contender], name: @escaping (Contender) -> String) {
    self.all = all
    self.name = name
  }

  public var names: [String] { all.map(name) }

  public func named(_ wanted: String) throws -> Contender {
    guard let contender = all.first(where: { name($0) == wanted }) else {
      throw ValidationError("No contender is named \(wanted). There are: \(names.joined(separator: ", ")).")
    }
    return contender
  }
}
