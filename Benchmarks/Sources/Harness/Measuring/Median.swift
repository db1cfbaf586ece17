/// The middle of the values, or the mean of the two in the middle. There must be at least one.
public func median(_ values: [Double]) -> Double {
  precondition(!values.isEmpty, "The median of no values does not exist.")
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
