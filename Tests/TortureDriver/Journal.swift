import FormatCheck
import Foundation
import Synchronization

/// What the processes of a round did, in one order, in a file that all of them map: a kill loses nothing of it.
///
/// A process takes a place before it writes there, so an event stands before everything that began after it was taken.
/// Who is killed between leaves an empty place.
// The address is mapped as long as the process lives; an `Atomic` is nothing but its value.
final class Journal: @unchecked Sendable {
  enum Kind: UInt64 {
    /// A transaction is about to begin: id, kind of counter.
    case begun = 1
    /// It was acknowledged: id, what it returned.
    case done
    /// It threw, and nothing of it may be there: id.
    case undone
    /// A reader saw a list: where its snapshot began, length, hash.
    case seen
    /// A process ended by itself: stream.
    case ended
  }

  struct Event {
    let kind: Kind
    let place: UInt64
    let id: UInt64
    let first: UInt64
    let second: UInt64
  }

  private static let capacity = 1 << 21
  private static let header = 4_096
  private let base: UnsafeMutableRawPointer

  init(_ path: String) throws {
    let size = Self.header + Self.capacity * 32
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(size)) == 0,
      let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
    else { throw Fault("the journal \(path): errno \(errno)") }
    close(descriptor)
    self.base = base
  }

  private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// How many places are taken.
  var count: UInt64 { min(word(0).pointee.load(ordering: .sequentiallyConsistent), UInt64(Self.capacity)) }

  /// Whether everybody is to end.
  var isOver: Bool {
    get { word(64).pointee.load(ordering: .acquiring) != 0 || count > Self.capacity * 9 / 10 }
    set { word(64).pointee.store(newValue ? 1 : 0, ordering: .releasing) }
  }

  /// A number that processes tell each other.
  var signal: UInt64 {
    get { word(128).pointee.load(ordering: .sequentiallyConsistent) }
    set { word(128).pointee.store(newValue, ordering: .sequentiallyConsistent) }
  }

  func note(_ kind: Kind, _ id: UInt64, _ first: UInt64 = 0, _ second: UInt64 = 0) {
    let place = word(0).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
    guard place < Self.capacity else { return }
    let start = Self.header + Int(place) * 32
    (base + start).storeBytes(of: id, toByteOffset: 8, as: UInt64.self)
    (base + start).storeBytes(of: first, toByteOffset: 16, as: UInt64.self)
    (base + start).storeBytes(of: second, toByteOffset: 24, as: UInt64.self)
    word(start).pointee.store(kind.rawValue, ordering: .sequentiallyConsistent)
  }

  func events() -> [Event] {
    (0..<Int(count)).compactMap { place in
      let start = Self.header + place * 32
      guard let kind = Kind(rawValue: word(start).pointee.load(ordering: .acquiring)) else { return nil }
      let event = base + start
      return Event(
        kind: kind,
        place: UInt64(place),
        id: event.load(fromByteOffset: 8, as: UInt64.self),
        first: event.load(fromByteOffset: 16, as: UInt64.self),
        second: event.load(fromByteOffset: 24, as: UInt64.self)
      )
    }
  }
}
