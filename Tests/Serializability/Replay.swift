/// What a record says seen from outside: which versions it met, which writes it left, and whether it agrees with
/// itself.
///
/// It reads its own writes; so of each list that it saw, its own elements are taken away. What was done in a savepoint
/// that was undone is gone, but what was seen there was seen.
struct Replay {
  /// The lists as they were before the transaction, as far as it saw them.
  private(set) var lists: [String: [Int]] = [:]
  /// The counters as they were before the transaction, as far as it saw them.
  private(set) var counters: [String: Int] = [:]
  /// The elements that it left.
  private(set) var appended: [String: [Int]] = [:]
  /// The numbers that it left, which follow on what it saw.
  private(set) var raised: [String: [Int]] = [:]
  /// The elements that it appended and undid.
  private(set) var undone: [(key: String, element: Int)] = []
  /// The steps that contradict others of the same transaction.
  private(set) var contradictions: [String] = []

  init(_ record: Record) {
    run(record.steps)
    guard record.outcome == .undone else { return }
    undoSince([:], [:])
  }

  private mutating func run(_ steps: [Step]) {
    for step in steps {
      switch step {
      case .read(let key, let list): read(key, list)
      case .append(let key, let element): appended[key, default: []].append(element)
      case .count(let key, let number): count(key, number)
      case .raise(let key, let number):
        count(key, number - 1)
        raised[key, default: []].append(number)
      case .savepoint(let steps, let isKept):
        let before = (appended, raised)
        run(steps)
        if !isKept { undoSince(before.0, before.1) }
      }
    }
  }

  private mutating func undoSince(_ formerAppended: [String: [Int]], _ formerRaised: [String: [Int]]) {
    for (key, elements) in appended.sorted(by: { $0.key < $1.key }) {
      undone += elements.dropFirst(formerAppended[key]?.count ?? 0).map { (key, $0) }
    }
    (appended, raised) = (formerAppended, formerRaised)
  }

  private mutating func read(_ key: String, _ list: [Int]) {
    let own = appended[key] ?? []
    if let base = lists[key] {
      if base + own != list { contradict("\(key) must be \(base + own), and it read \(list)") }
    } else if list.suffix(own.count).elementsEqual(own) {
      lists[key] = Array(list.dropLast(own.count))
    } else {
      contradict("\(key) must end with \(own), and it read \(list)")
    }
  }

  private mutating func count(_ key: String, _ number: Int) {
    let own = raised[key]?.last
    if let expected = own ?? counters[key] {
      if expected != number { contradict("\(key) must be \(expected), and it met \(number)") }
    } else {
      counters[key] = number
    }
  }

  private mutating func contradict(_ text: String) {
    contradictions.append(text)
  }
}
