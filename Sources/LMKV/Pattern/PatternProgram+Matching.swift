extension PatternProgram {
  /// Whether the whole key matches.
  func matches(_ key: Span<UInt8>) -> Bool {
    let start = prefix.count
    let end = key.count - suffix.count
    guard start <= end, key.holds(prefix, at: 0), key.holds(suffix, at: end) else { return false }
    if wildcards.isEmpty { return start == end }
    return matchesEveryMiddle || matchesMiddle(of: key, in: start..<end)
  }

  /// Runs the program over one part of the key, all of which must be consumed.
  ///
  /// When a step fails, the last `anything` takes one scalar more and the steps after it are tried again from there.
  /// Earlier ones never need another try: what stands between two of them was found at its first place, and a later
  /// place would only leave less for the rest. So each step meets each place of the key at most once.
  private func matchesMiddle(of key: Span<UInt8>, in middle: Range<Int>) -> Bool {
    let steps = wildcards.span
    var step = 0
    var position = middle.lowerBound
    var retry: (step: Int, position: Int)?
    while step < steps.count || position < middle.upperBound {
      if step < steps.count {
        if steps[step] == .anything {
          step += 1
          if step == steps.count { return true }
          retry = (step, position)
          continue
        }
        // The key is used up: a later start of this stretch would leave it even less.
        if position == middle.upperBound { return false }
        if let next = consume(steps[step], from: key, at: position, before: middle.upperBound) {
          step += 1
          position = next
          continue
        }
      }
      guard let last = retry else { return false }
      step = last.step
      position = nextPlace(for: steps[step], in: key, after: last.position, before: middle.upperBound)
      retry = (step, position)
    }
    return true
  }

  /// Where a step may match next: one scalar further, and for a byte where it stands. There a scalar begins, because
  /// the byte is the first of its literal, and so none of the inside of a scalar.
  @inline(__always)
  private func nextPlace(for step: Step, in key: Span<UInt8>, after position: Int, before end: Int) -> Int {
    guard case .byte(let byte) = step else { return key.scalar(at: position, before: end).end }
    var place = position + 1
    while place < end, key[place] != byte { place += 1 }
    return place
  }

  /// Where the key goes on after a step that consumes one unit at `position`, or nil when the step does not match.
  @inline(__always)
  private func consume(_ step: Step, from key: Span<UInt8>, at position: Int, before end: Int) -> Int? {
    switch step {
    case .byte(let byte):
      return key[position] == byte ? position + 1 : nil
    case .anyScalar:
      return key.scalar(at: position, before: end).end
    case .scalar(inSet: let index):
      let scalar = key.scalar(at: position, before: end)
      return sets[index].contains(scalar.value) ? scalar.end : nil
    case .anything:
      return nil
    }
  }
}
