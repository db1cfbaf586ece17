/// An ``Expiry`` on the clock of one transaction.
struct ResolvedExpiry {
  /// In milliseconds since 1970. Nil: never.
  let moment: Int64?
  let keepsFormer: Bool

  /// Whether the former entry has a say, or an index entry to be taken back.
  var needsFormer: Bool { moment != nil || keepsFormer }

  /// The expiry of an entry that is written over a living one, or in an empty place.
  func expiry(over former: EntryHeader?) -> Int64? {
    if keepsFormer, let former { former.expiry } else { moment }
  }
}

extension Snapshot {
  @inline(__always)
  final func resolve(_ expiry: Expiry) throws(LMKVError) -> ResolvedExpiry {
    if case .never = expiry.moment { return ResolvedExpiry(moment: nil, keepsFormer: expiry.keepsFormer) }
    return try resolve(ExpiryTerm(expiry))
  }

  /// By its own look at the clock, however long ago the term was given.
  final func resolve(_ term: ExpiryTerm) throws(LMKVError) -> ResolvedExpiry {
    ResolvedExpiry(moment: try term.moment(now: { now }), keepsFormer: term.keepsFormer)
  }
}
