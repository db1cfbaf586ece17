import Foundation
import Synchronization
import Testing

@testable import LMKV

@Suite("The maintenance threads") struct MaintenanceTests {
  private final class Counting: MaintenanceTask, @unchecked Sendable {
    let runs = Atomic(0)
    private let body: @Sendable (Int) -> Duration?

    init(_ body: @escaping @Sendable (Int) -> Duration?) { self.body = body }

    override func run() -> Duration? { body(runs.add(1, ordering: .sequentiallyConsistent).newValue) }
  }

  private func wait(until isDone: () -> Bool) {
    while !isDone() { usleep(1_000) }
  }

  @Test(.timeLimit(.minutes(2)))
  func `A task runs again after the time that it asks for, and when somebody asks sooner`() throws {
    let task = Counting { $0 < 3 ? .milliseconds(1) : nil }
    try task.schedule(after: .seconds(3_600))
    try task.schedule(after: .zero)
    wait { task.runs.load(ordering: .relaxed) == 3 }
    try task.schedule(after: .milliseconds(1))
    wait { task.runs.load(ordering: .relaxed) == 4 }
    task.unschedule()
  }

  @Test(.timeLimit(.minutes(2))) func `Tasks that hang do not delay the others`() throws {
    let isHanging = Atomic(0)
    let goOn = Atomic(false)
    let hanging = (0..<MaintenanceThreads.most - 2).map { _ in
      Counting { _ in
        isHanging.add(1, ordering: .relaxed)
        while !goOn.load(ordering: .relaxed) { usleep(1_000) }
        return nil
      }
    }
    for task in hanging { try task.schedule(after: .zero) }
    wait { isHanging.load(ordering: .relaxed) == hanging.count }
    let other = Counting { _ in Duration.zero }
    try other.schedule(after: .zero)
    wait { other.runs.load(ordering: .relaxed) > 10 }
    other.unschedule()
    let runs = other.runs.load(ordering: .relaxed)
    goOn.store(true, ordering: .relaxed)
    for task in hanging { task.unschedule() }
    #expect(other.runs.load(ordering: .relaxed) == runs)
  }

  @Test(.timeLimit(.minutes(2)))
  func `More work than threads, all of which wait for the last of it, is done in the end`() {
    let last = Atomic(false)
    let done = Atomic(0)
    let count = WriterThreads.usual + 2
    for _ in 0..<count - 1 {
      WriterThreads.shared.run {
        while !last.load(ordering: .relaxed) { usleep(1_000) }
        done.add(1, ordering: .relaxed)
      } orFail: { _ in
      }
    }
    WriterThreads.shared.run {
      last.store(true, ordering: .relaxed)
      done.add(1, ordering: .relaxed)
    } orFail: { _ in
    }
    wait { done.load(ordering: .relaxed) == count }
  }
}
