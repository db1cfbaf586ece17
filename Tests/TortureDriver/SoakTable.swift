import FormatCheck
import Foundation
import Synchronization

/// What the processes of a soak tell each other, in a file that all of them map: a kill loses nothing of it.
// The address is mapped as long as the process lives; an `Atomic` is nothing but its value.
final class SoakTable: @unchecked Sendable {
  /// How many processes there can be, one after the other.
  static let streams = 1 << 16
  static let places = 64

  private enum Word {
    static let isOver = 0
    static let rest = 8
    static let steps = 16
    static let rests = 64
    static let leaving = rests + places
    static let counts = leaving + places
  }

  private let base: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ directory: String) throws {
    let path = directory + "/table"
    let size = 8 * (Word.counts + Self.streams * Soak.tenants)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(size)) == 0,
      let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
    else { throw Fault("the table \(path): errno \(errno)") }
    close(descriptor)
    self.base = base.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  private func load(_ word: Int) -> UInt64 { base[word].load(ordering: .sequentiallyConsistent) }

  private func store(_ value: UInt64, _ word: Int) { base[word].store(value, ordering: .sequentiallyConsistent) }

  /// How much was done, by all.
  var steps: UInt64 { load(Word.steps) }

  func noteStep() { base[Word.steps].wrappingAdd(1, ordering: .relaxed) }

  /// Whether the process at a place is to end.
  func isOver(_ place: Int) -> Bool { load(Word.isOver) != 0 || load(Word.leaving + place) != 0 }

  func endAll() { store(1, Word.isOver) }

  func end(_ place: Int) { store(1, Word.leaving + place) }

  func enter(_ place: Int) { store(0, Word.leaving + place) }

  /// The number of the rest that all are to take, with no store open. 0: they work.
  var rest: UInt64 {
    get { load(Word.rest) }
    set { store(newValue, Word.rest) }
  }

  /// Whether the process at a place takes that rest.
  func isAtRest(_ place: Int) -> Bool { load(Word.rests + place) == rest }

  func noteRest(_ place: Int) { store(rest, Word.rests + place) }

  // The increments of a stream in the store of a tenant: those that were begun above 32 bits, those that were
  // acknowledged below.
  private func count(_ stream: Int, _ tenant: Int) -> Int { Word.counts + stream * Soak.tenants + tenant }

  func noteBegun(_ stream: Int, _ tenant: Int) {
    base[count(stream, tenant)].wrappingAdd(1 << 32, ordering: .sequentiallyConsistent)
  }

  func noteDone(_ stream: Int, _ tenant: Int) {
    base[count(stream, tenant)].wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// How often a stream must be, and can be, in the store of a tenant.
  func counts(_ stream: Int, _ tenant: Int) -> ClosedRange<Int> {
    let word = load(count(stream, tenant))
    return Int(word & 0xFFFF_FFFF)...Int(word >> 32)
  }
}
