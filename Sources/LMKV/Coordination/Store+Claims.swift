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
    guard let control = (try environmentForReading().companion as? Persistence)?.control else { return [] }
    let places: [PlaceInfo]
    do {
      places = try control.claims.infos()
    } catch {
      throw translated(LMDBError(error))
    }
    let named = places.compactMap { place in Place(place.name).map { ($0, place) } }
      .sorted { left, right in
        let (left, right) = (left.0, right.0)
        return left.kind == right.kind
          ? left.name.bytes.lexicographicallyPrecedes(right.name.bytes) : left.kind.rawValue < right.kind.rawValue
      }
    return [writeTurn(control)] + named.map(info)
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

  private func info(_ place: Place, _ found: PlaceInfo) -> CoordinationInfo {
    func owners(holding: Bool) -> [CoordinationInfo.Owner] {
      found.claims.filter { $0.holds == holding }
        .map { .init(processID: $0.member.processID, program: $0.member.program, since: Self.date($0.since)) }
    }
    let kind: CoordinationInfo.Kind =
      switch place.kind {
      case .lock: .lock
      case .semaphore: .semaphore
      case .once, .memoize: .computation
      }
    return CoordinationInfo(
      kind: kind,
      name: place.text,
      permits: found.permits,
      holders: owners(holding: true),
      waiters: owners(holding: false)
    )
  }

  private static func date(_ milliseconds: Int64) -> Date {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
  }
}
