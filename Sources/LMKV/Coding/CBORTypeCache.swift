/// Remembers for each static type whether it conforms to a protocol of ours, because asking the runtime costs more
/// than encoding a number.
///
/// A direct-mapped table: a type either is in its place or is looked up anew, so it never grows. One owner at a time.
final class CBORTypeCache<Conformance> {
  private struct Entry {
    var type: ObjectIdentifier
    var conformance: Conformance?
  }

  private var entries = [Entry?](repeating: nil, count: 64)

  @inline(__always)
  func conformance(of type: any Any.Type, lookUp: () -> Conformance?) -> Conformance? {
    let id = ObjectIdentifier(type)
    // Metadata is aligned to 8 bytes; the shifts spread neighbours over the table.
    let bits = UInt(bitPattern: id)
    let slot = Int(truncatingIfNeeded: (bits >> 3 ^ bits >> 9) & 63)
    if let entry = entries[slot], entry.type == id { return entry.conformance }
    let found = lookUp()
    entries[slot] = Entry(type: id, conformance: found)
    return found
  }
}
