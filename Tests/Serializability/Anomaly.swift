/// Something in a history that no order of its transactions, one after the other, explains.
package struct Anomaly: Hashable, Sendable, CustomStringConvertible {
  /// The names are those of Adya's thesis, and of Elle.
  package enum Kind: String, Hashable, Sendable {
    /// A cycle of writes alone.
    case g0 = "G0, writes in a cycle"
    /// A read of what was undone.
    case g1a = "G1a, an aborted read"
    /// A read of what the same transaction overwrote later.
    case g1b = "G1b, an intermediate read"
    /// A cycle of writes and reads that saw them.
    case g1c = "G1c, information in a cycle"
    /// A cycle with one read that missed a write.
    case gSingle = "G-single, read skew"
    /// A cycle with more reads that missed writes.
    case g2 = "G2, write skew"
    case g0RealTime = "G0 with real time"
    case g1cRealTime = "G1c with real time"
    case gSingleRealTime = "G-single with real time, a stale read"
    case g2RealTime = "G2 with real time"
    /// Two transactions saw the same version of a key, and both wrote the next one.
    case lostUpdate = "a lost update"
    /// What a transaction that returned has written is not there.
    case lostWrite = "a lost write"
    /// An element is twice in a list, or a number was written twice.
    case duplicate = "a duplicate"
    /// Something was read that nobody wrote.
    case garbage = "a read of what nobody wrote"
    /// Two reads of a list of which neither is the beginning of the other.
    case incompatibleOrder = "reads that contradict each other"
    /// A transaction did not see its own writes, or did not see twice what it saw once.
    case inconsistent = "a transaction that contradicts itself"
  }

  package let kind: Kind
  /// Those that took part, in the order of the cycle, if it is one.
  package let transactions: [Int]
  package let description: String

  init(_ kind: Kind, _ transactions: [Int], _ description: String) {
    self.kind = kind
    self.transactions = transactions
    self.description = "\(kind.rawValue): \(description)"
  }
}
