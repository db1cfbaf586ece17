internal import Synchronization

/// The keys that are in use now: when a list is long its key is given up for a new one.
package final class Rotation: Sendable {
  static let lists = 3
  static let counters = 2
  private static let maxLength = 16

  private let generations = Mutex(Array(repeating: 0, count: lists))

  package init() {}

  func list(_ index: Int) -> String { "list-\(index)-\(generations.withLock { $0[index] })" }

  func counter(_ index: Int) -> String { "counter-\(index)" }

  /// Notes how long a list is.
  func note(_ key: String, _ length: Int) {
    guard length >= Self.maxLength else { return }
    generations.withLock { generations in
      for index in generations.indices where key == "list-\(index)-\(generations[index])" { generations[index] += 1 }
    }
  }
}
