import Serializability
import Testing

/// Histories made by hand, of which each has the one anomaly that its test is about, and histories that have none.
@Suite("The checker of histories")
struct CheckerTests {
  /// A transaction that took the whole time, so that real time says nothing of it.
  private func record(_ id: Int, _ outcome: Record.Outcome = .committed, _ steps: Step...) -> Record {
    Record(id, "by hand", began: 0, ended: 1_000, outcome, steps)
  }

  /// The same in a time of its own.
  private func record(_ id: Int, _ time: ClosedRange<UInt64>, _ steps: Step...) -> Record {
    Record(id, "by hand", began: time.lowerBound, ended: time.upperBound, .committed, steps)
  }

  private func kinds(_ records: Record...) -> Set<Anomaly.Kind> {
    Set(History(records).anomalies().map(\.kind))
  }

  /// The first element that a transaction appends, and the second.
  private func first(_ id: Int) -> Int { History.element(id, 1) }
  private func second(_ id: Int) -> Int { History.element(id, 2) }

  // MARK: Nothing wrong

  @Test func `finds nothing in transactions one after the other`() {
    let found = kinds(
      record(1, 0...1, .append("x", first(1)), .append("y", second(1))),
      record(2, 2...3, .read("x", [first(1)]), .append("x", first(2)), .read("x", [first(1), first(2)])),
      record(3, 4...5, .read("x", [first(1), first(2)]), .read("y", [second(1)]), .raise("n", 1)),
      record(4, 6...7, .count("n", 1), .raise("n", 2), .raise("n", 3), .count("n", 3)),
      record(5, 8...9, .count("n", 3), .read("z", []))
    )
    #expect(found == [])
  }

  @Test func `finds nothing where the order is another one than that of the beginnings`() {
    let found = kinds(
      record(1, 0...10, .read("x", [first(2)]), .append("x", first(1))),
      record(2, 5...6, .append("x", first(2))),
      record(3, 1...11, .read("x", []))
    )
    #expect(found == [])
  }

  @Test func `finds nothing in what was undone, and nobody saw`() {
    let found = kinds(
      record(1, .undone, .append("x", first(1)), .read("x", [first(1)]), .raise("n", 1)),
      record(
        2,
        .committed,
        .savepoint([.append("x", first(2)), .raise("n", 1), .read("x", [first(2)])], isKept: false),
        .read("x", []),
        .savepoint([.append("x", second(2))], isKept: true),
        .raise("n", 1)
      ),
      record(3, .committed, .read("x", [second(2)]), .count("n", 1))
    )
    #expect(found == [])
  }

  @Test func `takes what a killed process may have done as it is`() {
    let done = kinds(record(1, .unknown), record(2, .committed, .read("x", [first(1)]), .count("n", 1)))
    #expect(done == [])
    #expect(kinds(record(1, .unknown), record(2, .committed, .read("x", []), .count("n", 0))) == [])
  }

  // MARK: Plain anomalies

  @Test func `finds an aborted read, G1a`() {
    #expect(
      kinds(record(1, .undone, .append("x", first(1))), record(2, .committed, .read("x", [first(1)]))) == [.g1a]
    )
    // The same of a savepoint.
    #expect(
      kinds(
        record(1, .committed, .savepoint([.append("x", first(1))], isKept: false), .read("y", [])),
        record(2, .committed, .read("x", [first(1)]))
      ) == [.g1a]
    )
  }

  @Test func `finds an intermediate read, G1b`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1)), .append("x", second(1))),
      record(2, .committed, .read("x", [first(1)])),
      record(3, .committed, .read("x", [first(1), second(1)]))
    )
    // Who saw the first half and not the second is also before and after.
    #expect(found == [.g1b, .gSingle])
  }

  @Test func `finds a lost update`() {
    // Both read the same, and the second one's list took the place of the first one's.
    let found = kinds(
      record(1, .committed, .read("x", []), .append("x", first(1))),
      record(2, .committed, .read("x", []), .append("x", first(2))),
      record(3, .committed, .read("x", [first(2)]))
    )
    #expect(found.isSuperset(of: [.lostUpdate, .lostWrite]))
    // Where both elements are there, one of them was decided on what was no longer so.
    #expect(
      kinds(
        record(1, .committed, .read("x", []), .append("x", first(1))),
        record(2, .committed, .read("x", []), .append("x", first(2))),
        record(3, .committed, .read("x", [first(1), first(2)]))
      ) == [.lostUpdate, .gSingle]
    )
    // Of a counter.
    #expect(
      kinds(
        record(1, .committed, .count("n", 0), .raise("n", 1)),
        record(2, .committed, .count("n", 0), .raise("n", 1)),
        record(3, .committed, .count("n", 1))
      ).isSuperset(of: [.lostUpdate, .duplicate])
    )
  }

  @Test func `finds a lost write`() {
    #expect(kinds(record(1, .committed, .append("x", first(1))), record(2, .committed, .read("x", []))) == [.lostWrite])
  }

  @Test func `finds duplicates`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1))),
      record(2, .committed, .read("x", [first(1), first(1)]))
    )
    #expect(found.contains(.duplicate))
  }

  @Test func `finds what nobody wrote`() {
    #expect(kinds(record(1, .committed, .read("x", [first(7)]))) == [.garbage])
    #expect(kinds(record(1, .committed, .append("x", first(1)), .read("x", [second(1), first(1)]))) == [.garbage])
    #expect(kinds(record(1, .committed, .count("n", 1))) == [.garbage])
  }

  @Test func `finds reads that contradict each other`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1))),
      record(2, .committed, .append("x", first(2))),
      record(3, .committed, .read("x", [first(1), first(2)])),
      record(4, .committed, .read("x", [first(2)]))
    )
    #expect(found.contains(.incompatibleOrder))
  }

  @Test func `finds transactions that contradict themselves`() {
    let own = record(1, .committed, .append("x", first(1)), .read("x", []))
    #expect(kinds(own, record(2, .committed, .read("x", [first(1)]))) == [.inconsistent])
    let twice = kinds(
      record(1, .committed, .append("x", first(1))),
      record(2, .committed, .read("x", []), .read("x", [first(1)]))
    )
    #expect(twice.contains(.inconsistent))
    #expect(kinds(record(1, .committed, .raise("n", 1), .count("n", 0))) == [.inconsistent])
  }

  // MARK: Cycles

  @Test func `finds writes in a cycle, G0`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1)), .append("y", second(1))),
      record(2, .committed, .append("x", first(2)), .append("y", second(2))),
      record(3, .committed, .read("x", [first(1), first(2)])),
      record(4, .committed, .read("y", [second(2), second(1)]))
    )
    #expect(found == [.g0])
  }

  @Test func `finds information in a cycle, G1c`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1)), .read("y", [first(2)])),
      record(2, .committed, .append("y", first(2)), .read("x", [first(1)]))
    )
    #expect(found == [.g1c])
  }

  @Test func `finds read skew, G-single`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1)), .append("y", second(1))),
      record(2, .committed, .read("x", [first(1)]), .read("y", [])),
      record(3, .committed, .read("y", [second(1)]))
    )
    #expect(found == [.gSingle])
  }

  @Test func `finds write skew, G2`() {
    let found = kinds(
      record(1, .committed, .read("x", []), .append("y", first(1))),
      record(2, .committed, .read("y", []), .append("x", first(2))),
      record(3, .committed, .read("x", [first(2)]), .read("y", [first(1)]))
    )
    #expect(found == [.g2])
  }

  @Test func `finds cycles over counters`() {
    let found = kinds(
      record(1, .committed, .raise("n", 1), .raise("m", 1)),
      record(2, .committed, .count("n", 1), .count("m", 0))
    )
    #expect(found == [.gSingle])
  }

  @Test func `finds reads of undone bodies that no order explains`() {
    let found = kinds(
      record(1, .committed, .append("x", first(1)), .append("y", second(1))),
      record(2, .undone, .read("x", [first(1)]), .read("y", [])),
      record(3, .committed, .read("y", [second(1)]))
    )
    #expect(found == [.gSingle])
  }

  // MARK: Real time

  @Test func `finds a read that missed what was acknowledged before it began`() {
    let stale = kinds(
      record(1, 0...1, .append("x", first(1))),
      record(2, 2...3, .read("x", [])),
      record(3, 4...5, .read("x", [first(1)]))
    )
    #expect(stale == [.gSingleRealTime])
    #expect(kinds(record(1, 0...1, .raise("n", 1)), record(2, 2...3, .count("n", 0))) == [.gSingleRealTime])
  }

  @Test func `finds writes in another order than they were acknowledged`() {
    let found = kinds(
      record(1, 0...1, .append("x", first(1))),
      record(2, 2...3, .append("x", first(2))),
      record(3, 4...5, .read("x", [first(2), first(1)]))
    )
    #expect(found == [.g0RealTime])
  }

  @Test func `finds a read of what had not begun`() {
    let found = kinds(record(1, 0...1, .read("x", [first(2)])), record(2, 2...3, .append("x", first(2))))
    #expect(found == [.g1cRealTime])
  }

  @Test func `finds write skew that only real time shows`() {
    // Each alone could be; but the readers, one after the other, saw the writes in opposite orders.
    let found = kinds(
      record(1, 0...9, .append("x", first(1))),
      record(2, 0...9, .append("y", first(2))),
      record(3, 1...2, .read("x", [first(1)])),
      record(4, 3...4, .read("y", [])),
      record(5, 1...2, .read("y", [first(2)])),
      record(6, 3...4, .read("x", []))
    )
    #expect(!found.isDisjoint(with: [.gSingleRealTime, .g2RealTime]))
  }

  // MARK: Words

  @Test func `shows a small cycle with its transactions, however many there are`() throws {
    // A long history in order, with one stale read in it.
    var records = (1...500).map { id in
      let list = (1..<id).map { History.element($0, 1) }
      let time = UInt64(id) * 10
      return Record(
        id,
        "by hand",
        began: time,
        ended: time + 5,
        .committed,
        [.read("x", list), .append("x", History.element(id, 1))]
      )
    }
    records.append(Record(501, "by hand", began: 4_000, ended: 4_001, .committed, [.read("x", [first(1), first(2)])]))
    let anomalies = History(records).anomalies()
    #expect(anomalies.count == 1)
    let anomaly = try #require(anomalies.first)
    #expect(anomaly.kind == .gSingleRealTime)
    #expect(anomaly.transactions.count == 2 && anomaly.transactions.contains(501))
    #expect(anomaly.description.contains("T501 read x before it was written by T3"), "\(anomaly)")
    #expect(anomaly.description.contains("T501 (by hand, committed, 4000 to 4001): x is [101, 201]"), "\(anomaly)")
  }
}
