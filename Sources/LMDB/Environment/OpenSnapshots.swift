/// Which snapshots of a process are open, and since when.
struct OpenSnapshots {
  /// The number of a snapshot that is not counted: one that the store itself needs.
  static let uncounted = -1

  /// When each began; 0: free, or ended before its time.
  private var begun: [UInt64] = []
  /// Which thread has begun each.
  private var threads: [UInt] = []
  private var free: [Int] = []
  private(set) var count = 0
  /// When the oldest began; 0: none is open.
  private(set) var oldest: UInt64 = 0

  /// How many a thread has begun.
  func count(of thread: UInt) -> Int {
    zip(begun, threads).count { $0 != 0 && $1 == thread }
  }

  mutating func begin(at moment: UInt64, by thread: UInt) -> Int {
    count += 1
    if oldest == 0 { oldest = moment }
    guard let number = free.popLast() else {
      begun.append(moment)
      threads.append(thread)
      return begun.count - 1
    }
    begun[number] = moment
    threads[number] = thread
    return number
  }

  /// It pins nothing any more, though its number is still in use.
  mutating func expire(_ number: Int) {
    guard number != Self.uncounted, begun[number] != 0 else { return }
    let moment = begun[number]
    begun[number] = 0
    count -= 1
    guard moment == oldest else { return }
    oldest = count == 0 ? 0 : begun.lazy.filter { $0 != 0 }.min() ?? 0
  }

  mutating func end(_ number: Int) {
    guard number != Self.uncounted else { return }
    expire(number)
    free.append(number)
  }
}
