extension Record: CustomStringConvertible {
  package var description: String {
    let end = ended == .max ? "…" : "\(ended)"
    return "T\(id) (\(door), \(outcome.rawValue), \(began) to \(end)): "
      + steps.map(\.description).joined(separator: ", ")
  }
}

extension Step: CustomStringConvertible {
  package var description: String {
    switch self {
    case .read(let key, let list): "\(key) is \(Self.brief(list))"
    case .append(let key, let element): "\(key) gets \(element)"
    case .count(let key, let number): "\(key) is \(number)"
    case .raise(let key, let number): "\(key) becomes \(number)"
    case .savepoint(let steps, let isKept):
      "\(isKept ? "kept" : "undone") (" + steps.map(\.description).joined(separator: ", ") + ")"
    }
  }

  private static func brief(_ list: [Int]) -> String {
    list.count > 4 ? "[\(list.count - 3) more, \(list.suffix(3).map(String.init).joined(separator: ", "))]" : "\(list)"
  }
}
