/// Remembers for each static type whether it conforms to a protocol of ours, because asking the runtime costs more
/// than encoding a number.
///
/// A direct-mapped table: a type either is in its place or is looked up anew, so it never grows. One owner at a time.
@safe final class CBORTypeCache<Conformance> {
  private struct Entry {
    var type: ObjectIdentifier?
    var conformance: Conformance?
  }

  private static var bits: Int { 7 }

  // The table of 128 entries, initialised in init and destroyed in deinit; an index of seven bits is within it.
  private let entries: UnsafeMutablePointer<Entry>

  init() {
    unsafe entries = .allocate(capacity: 1 << Self.bits)
    unsafe entries.initialize(repeating: Entry(), count: 1 << Self.bits)
  }

  deinit {
    unsafe entries.deinitialize(count: 1 << Self.bits)
    unsafe entries.deallocate()
  }

  @inline(__always)
  func conformance(of type: any Any.Type, lookUp: () -> Conformance?) -> Conformance? {
    let id = ObjectIdentifier(type)
    // Metadata addresses are multiples of 8 close to each other; the product's high bits depend on all of theirs.
    let hash = UInt64(UInt(bitPattern: id)) &* 0x9E37_79B9_7F4A_7C15
    let entry = unsafe entries + Int(truncatingIfNeeded: hash >> UInt64(64 - Self.bits))
    if unsafe entry.pointee.type == id { return unsafe entry.pointee.conformance }
    let found = lookUp()
    unsafe entry.pointee = Entry(type: id, conformance: found)
    return found
  }
}
