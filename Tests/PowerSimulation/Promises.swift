/// What a store must hold after a power failure, told from what the processes of the workload said before it.
public struct Promises {
  /// How the transactions of a workload commit.
  public struct Terms: Sendable {
    /// After how many nanoseconds an acknowledged commit is on the disk; nil for at once.
    public let interval: UInt64?
    /// What a busy machine may add to it.
    static let slack: UInt64 = 1_000_000_000

    /// Whether flushes succeed, and come in time.
    public let flushesInTime: Bool

    public init(interval: UInt64?, flushesInTime: Bool = true) {
      self.interval = interval
      self.flushesInTime = flushesInTime
    }
  }

  private struct Acknowledgement {
    let ticket: UInt64
    let time: UInt64
    let process: UInt32
    let place: Int
    let stamp: Stamp
    let isFull: Bool
  }

  private struct Event {
    let ticket: UInt64
    let time: UInt64
  }

  private let terms: Terms
  private let acknowledgements: [Acknowledgement]
  private let begins: [Stamp: UInt64]
  private let failures: [Stamp: UInt64]
  private let opened: [(ticket: UInt64, identity: UInt64)]
  private let closed: [UInt32: Event]
  private let died: [UInt32: Event]
  /// The tickets at which verbs began.
  private let counting: [UInt64]
  private let counts: [(ticket: UInt64, sum: Int)]
  private let times: [Event]

  public init(_ trace: Trace, _ terms: Terms) {
    self.terms = terms
    var acknowledgements: [Acknowledgement] = []
    var begins: [Stamp: UInt64] = [:]
    var failures: [Stamp: UInt64] = [:]
    var opened: [(UInt64, UInt64)] = []
    var closed: [UInt32: Event] = [:]
    var died: [UInt32: Event] = [:]
    var counting: [UInt64] = []
    var counts: [(UInt64, Int)] = []
    for record in trace.records {
      let event = Event(ticket: record.begin, time: record.time)
      if record.kind == .die { died[record.process] = event }
      guard record.kind == .mark else { continue }
      let numbers = trace.numbers(record)
      let stamp = Stamp(stream: Int(truncatingIfNeeded: numbers[1]), number: Int(truncatingIfNeeded: numbers[2]))
      switch Mark(rawValue: numbers[0]) {
      case .begins: begins[stamp] = record.begin
      case .failed: failures[stamp] = record.begin
      case .opened: opened.append((record.begin, numbers[1]))
      case .closed: closed[record.process] = event
      case .counts: counting.append(record.begin)
      case .counted: counts.append((record.begin, Int(numbers[1])))
      case .acknowledged:
        acknowledgements.append(
          Acknowledgement(
            ticket: record.begin,
            time: record.time,
            process: record.process,
            place: Int(numbers[3]),
            stamp: stamp,
            isFull: numbers[4] == 1
          )
        )
      case nil: break
      }
    }
    self.acknowledgements = acknowledgements
    self.begins = begins
    self.failures = failures
    self.opened = opened
    self.closed = closed
    self.died = died
    self.counting = counting
    self.counts = counts
    times = trace.records.map { Event(ticket: $0.begin, time: $0.time) }
  }

  /// The last place that was acknowledged at a ticket, whatever the terms are.
  public func acknowledged(at ticket: UInt64) -> Int {
    acknowledgements.filter { $0.ticket <= ticket }.map(\.place).max() ?? 0
  }

  /// The tickets at which stores were closed.
  var closings: [UInt64] { closed.values.map(\.ticket).sorted() }

  /// The tickets of the acknowledgements.
  public var tickets: [UInt64] { acknowledgements.map(\.ticket) }

  /// How many transactions must be there at a ticket.
  public func required(at ticket: UInt64) -> Int {
    let time = times.last { $0.ticket <= ticket }?.time ?? 0
    var required = 0
    for acknowledgement in acknowledgements where acknowledgement.ticket <= ticket && acknowledgement.place > required {
      if acknowledgement.isFull || isDue(acknowledgement, ticket, time) { required = acknowledgement.place }
    }
    return required
  }

  private func isDue(_ acknowledgement: Acknowledgement, _ ticket: UInt64, _ time: UInt64) -> Bool {
    guard let interval = terms.interval else { return false }
    if let closed = closed[acknowledgement.process], closed.ticket <= ticket { return true }
    guard terms.flushesInTime else { return false }
    let due = acknowledgement.time + interval + Terms.slack
    // A killed process flushes no more; the others may not have written since.
    if let died = died[acknowledgement.process], died.time < due { return false }
    return due <= time
  }

  /// How many transactions the answer must have, and why.
  private func required(by question: Question) -> (count: Int, reason: String) {
    let acknowledged = question.isEverythingThere ? acknowledged(at: question.since) : 0
    let promised = required(at: question.since)
    if question.others > max(promised, acknowledged) {
      return (question.others, "was acknowledged between the two failures")
    }
    return acknowledged > promised
      ? (acknowledged, "was acknowledged, and no write was lost") : (promised, "was promised to be on the disk")
  }

  /// What is wrong with a log, in words.
  public func fault(in log: [Stamp], _ question: Question) -> String? {
    let ticket = question.ticket
    let own = required(at: ticket)
    let (required, reason) = required(by: question)
    if log.count < required {
      let first = acknowledgements.first { $0.place > log.count && $0.place <= required }
      return "lost: \(log.count) transactions, of \(required) that must be there: that of place "
        + "\(first.map { "\($0.place) (\($0.stamp), \($0.isFull ? "full" : "relaxed"), at \($0.ticket))" } ?? "?") "
        + "\(reason)"
    }
    for acknowledgement in acknowledgements where acknowledgement.ticket <= ticket && acknowledgement.place <= log.count
    {
      let there = log[acknowledgement.place - 1]
      // Where more was lost than had to be kept, whoever came next took the place.
      if there.stream == Work.successor, acknowledgement.place > own { continue }
      if there != acknowledgement.stamp {
        return "false: transaction \(acknowledgement.place) is \(there), and \(acknowledgement.stamp) was acknowledged"
      }
    }
    for stamp in log where stamp.stream < Work.successor {
      guard let begun = begins[stamp], begun <= ticket else { return "half: transaction \(stamp) was never begun" }
      if let failed = failures[stamp], failed <= ticket { return "half: transaction \(stamp) had thrown" }
    }
    guard Set(log).count == log.count else { return "corrupt: a transaction is there twice" }
    return nil
  }

  /// What is wrong with the counter of verbs, in words.
  public func fault(inCount count: Int, _ question: Question) -> String? {
    let told = counts.filter { $0.ticket <= question.since }.map(\.sum)
    if let last = told.max(), count < last {
      return "lost: a verb was told that the sum is \(last), and it is \(count)"
    }
    let begun = counting.count { $0 <= question.ticket }
    if count > begun { return "half: \(begun) verbs were begun, and the sum is \(count)" }
    return Set(told).count == told.count ? nil : "false: two verbs were told the same sum"
  }

  /// The identity that the store must have, once something in it was acknowledged.
  public func identity(at ticket: UInt64) -> UInt64? {
    required(at: ticket) == 0 ? nil : opened.first { $0.ticket <= ticket }?.identity
  }
}
