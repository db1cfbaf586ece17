internal import ControlPage
public import Foundation
internal import LMDB

/// Who has a lock, a semaphore or the turn to write, and who waits for it.
public struct CoordinationInfo: Hashable, Sendable {
  /// What it is.
  public enum Kind: String, Hashable, Sendable {
    /// The right to write, which each transaction has while it runs. It has no name.
    case write
    /// A ``NamedLock``.
    case lock
    /// A ``NamedSemaphore``.
    case semaphore
    /// What ``Store/once(_:of:expires:timeout:_:)`` or ``Scope/memoize(_:expires:timeout:_:)`` is just computing.
    case computation
  }

  /// A process that has it, or waits for it.
  public struct Owner: Hashable, Sendable {
    public let processID: Int32
    /// The name of the program's file, at most 63 bytes.
    public let program: String
    /// Since when. Exact to some milliseconds.
    public let since: Date
  }

  public let kind: Kind
  public let name: String
  /// How many can have it at once.
  public let permits: Int
  /// Those who have it. A process can be there several times.
  public let holders: [Owner]
  /// Those who wait for it, the next one first.
  public let waiters: [Owner]
}

extension Store {
  /// Who has the turn to write, the locks, the semaphores and the computations of the store, and who waits for them.
  ///
  /// ```swift
  /// for lock in try store.coordinationInfos() { print(lock.kind, lock.name, lock.holders.map(\.program)) }
  /// ```
  ///
  /// The turn to write comes first; then what is in use, by kind and name. The dead are left out. Waits for nobody.
  public func coordinationInfos() throws -> [CoordinationInfo] {
    guard let control = (try environment().companion as? Persistence)?.control else { return [] }
    return try [writeTurn(control)] + Place.Kind.allCases.flatMap { try infos($0, control) }
  }

  private func writeTurn(_ control: ControlPage) -> CoordinationInfo {
    func owner(_ member: MemberInfo, _ time: Duration) -> CoordinationInfo.Owner {
      let since = StoreClock.system.now() - Int64(time / .milliseconds(1))
      return .init(processID: member.processID, program: member.program, since: Self.date(since))
    }
    return CoordinationInfo(
      kind: .write,
      name: "",
      permits: 1,
      holders: control.turn.holder.map { [owner($0.member, $0.heldFor)] } ?? [],
      waiters: control.turn.waiting.flatMap { waiter in
        Array(repeating: owner(waiter.member, waiter.waitsFor), count: waiter.threads)
      }
    )
  }

  private func infos(_ kind: Place.Kind, _ control: ControlPage) throws -> [CoordinationInfo] {
    let queues = try read { snapshot in
      let view = SnapshotScope<PermitQueue>(access: snapshot, binding: coordination.binding(kind))
      return Array(view.entries())
    }
    return queues.compactMap { name, queue in
      func owners(_ claims: [PermitQueue.Claim]) -> [CoordinationInfo.Owner] {
        claims.compactMap { claim in
          guard let id = MemberID(rawValue: claim.member), control.members.isAlive(id),
            let member = control.members.info(id)
          else { return nil }
          return .init(processID: member.processID, program: member.program, since: Self.date(claim.since))
        }
      }
      let (holders, waiters) = (owners(queue.holders), owners(queue.waiters))
      guard !holders.isEmpty || !waiters.isEmpty, let kind = CoordinationInfo.Kind(rawValue: kind.rawValue) else {
        return nil
      }
      return CoordinationInfo(
        kind: kind,
        name: name.split(separator: "\0").joined(separator: "/"),
        permits: queue.permits,
        holders: holders,
        waiters: waiters
      )
    }
  }

  private static func date(_ milliseconds: Int64) -> Date {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
  }
}
