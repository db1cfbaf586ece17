internal import LMDBPlatform
internal import Synchronization

/// LMDB's table of readers, which all processes share: the file `lock.mdb`, mapped once more.
///
/// LMDB looks into the table before it uses freed pages again, and offers no way to move a reader on, least of all that of
/// another process. In the table a reader is one number. Where its slot lies follows from the sizes of the C library's
/// locks, and is not trusted: see ``Environment/slot(of:)``.
///
/// It is mapped before LMDB opens the file, since closing any descriptor of it later would drop all of this process's locks on
/// it (POSIX), and others would take our readers for dead. The map needs no descriptor.
// Nothing but `close` changes anything here; what is mapped is changed by atomic operations alone.
@safe final class ReaderSlots: @unchecked Sendable {
  /// The transaction ID in the slot of an idle reader.
  static let idle = UInt64.max
  private static let slotSize = 64
  private static let processOffset = 8
  private static let magic: UInt32 = 0xBEEF_C0DE

  private let base: UnsafeMutableRawPointer?
  private let size: Int
  /// How many slots fit in the map, the header included. 0 where there is none. The file may be shorter until LMDB has it open.
  private let count: Int
  /// How many fit in the file as it was found.
  private let found: Int

  /// To be called before LMDB opens the file, while nobody of this process has it open, and nobody opens or closes it.
  init(_ path: String, maxReaders: Int) {
    let descriptor = openFile(path, O_RDWR | O_CLOEXEC)
    defer { if descriptor >= 0 { _ = LMDBPlatform.close(descriptor) } }
    var status = stat()
    let length = unsafe descriptor >= 0 && fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    // LMDB makes a file larger that nobody uses.
    size = max(length, (maxReaders + 2) * Self.slotSize)
    found = length / Self.slotSize
    let mapped = unsafe descriptor < 0 ? nil : mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    if let mapped = unsafe mapped, unsafe mapped != MAP_FAILED {
      unsafe base = mapped
      count = size / Self.slotSize
    } else {
      unsafe base = nil
      count = 0
    }
  }

  /// Not in a forked child, which has no use for the map either.
  func close() {
    if let base = unsafe base { unsafe munmap(base, size) }
  }

  /// The transaction that the reader in a slot sees, at least. Nil when the slot is free or its reader idle.
  @inline(__always)
  func transaction(in slot: Int) -> UInt64? {
    guard let word = unsafe word(slot), processID(slot) != 0 else { return nil }
    let transaction = unsafe word.pointee.load(ordering: .acquiring)
    return transaction == Self.idle ? nil : transaction
  }

  /// Lets a reader see another transaction, if it still sees the one that is said.
  func exchange(in slot: Int, from transaction: UInt64, to other: UInt64) -> Bool {
    guard let word = unsafe word(slot), processID(slot) != 0 else { return false }
    return unsafe word.pointee.compareExchange(
      expected: transaction,
      desired: other,
      ordering: .sequentiallyConsistent
    ).exchanged
  }

  /// The places that look like slots of a process, among the first of the file.
  func slots(of processID: Int32, first limit: Int) -> [Int] {
    (0..<min(limit, count)).filter { self.processID($0) == processID }
  }

  /// Lets a slot be used by others, whose process is dead though another one has its process ID.
  func free(_ slot: Int, of processID: Int32) {
    guard let base = unsafe base, slot >= 0, slot < count, self.processID(slot) == processID else { return }
    let place = unsafe (base + slot * Self.slotSize + Self.processOffset)
    unsafe place.assumingMemoryBound(to: Atomic<Int32>.self).pointee.store(0, ordering: .releasing)
  }

  /// The slots with our process ID, before this process has had any.
  var stale: [Int] {
    // The first 128 bytes are LMDB's own.
    slots(of: getpid(), first: found).filter { $0 >= 2 }
  }

  /// Whether this is the table of liblmdb 0.9, with room for so many readers. To be asked when LMDB has it open.
  func fits(_ readers: Int) -> Bool {
    guard let base = unsafe base, count >= readers + 2 else { return false }
    return unsafe base.load(as: UInt32.self) == Self.magic
  }

  @inline(__always)
  private func word(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt64>>? {
    guard let base = unsafe base, slot >= 0, slot < count else { return nil }
    return unsafe (base + slot * Self.slotSize).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// LMDB passes over slots where it is 0. It does not change while a process has the slot.
  @inline(__always)
  private func processID(_ slot: Int) -> Int32 {
    guard let base = unsafe base, slot >= 0, slot < count else { return 0 }
    let place = unsafe (base + slot * Self.slotSize + Self.processOffset)
    return unsafe place.assumingMemoryBound(to: Atomic<Int32>.self).pointee.load(ordering: .relaxed)
  }
}

extension Environment {
  /// Where in the table of readers, which all processes share, a snapshot stands.
  ///
  /// It is found by watching it: of all slots of this process it is the one that is idle while the snapshot is, and sees
  /// its transaction when it does. The snapshot is renewed for that: call it in a write transaction, so that it stays the
  /// same. Nil when there is no such slot, as with another layout of the file, and in environments without a companion.
  package func slot(of pin: Pin) throws(LMDBError) -> Int? {
    guard !isForked, let readerSlots else { return nil }
    let info = try info()
    guard readerSlots.fits(info.maxReaders) else { return nil }
    // Behind a header of at most four times their size, the slots that were ever used.
    var slots = readerSlots.slots(of: getpid(), first: info.usedReaderSlots + 4)
    slots = slots.filter { unsafe readerSlots.transaction(in: $0) == pin.raw.id }
    // Other threads' readers could do the same by chance, but not for ever.
    for round in 0..<16 where round < 2 || slots.count > 1 {
      unsafe Calls.reset(pin.pointer)
      slots = slots.filter { readerSlots.transaction(in: $0) == nil }
      unsafe try Calls.renew(pin.pointer)
      slots = slots.filter { unsafe readerSlots.transaction(in: $0) == pin.raw.id }
    }
    return slots.count == 1 ? slots[0] : nil
  }

  /// The transaction that a snapshot of whatever process keeps. Nil when the slot has none.
  @inline(__always)
  package func transaction(in slot: Int) -> UInt64? {
    readerSlots?.transaction(in: slot)
  }

  /// Lets a snapshot of whatever process keep a later transaction instead of the one that is said, or nothing any more
  /// for nil.
  ///
  /// To be called in a write transaction. Nobody may read in that snapshot any more.
  package func moveSnapshot(in slot: Int, from transaction: UInt64, to other: UInt64?) -> Bool {
    readerSlots?.exchange(in: slot, from: transaction, to: other ?? ReaderSlots.idle) ?? false
  }
}
