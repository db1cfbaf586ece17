/// Rows in aligned columns, the first one to the left and numbers to the right.
struct Table {
  let headings: [String]
  var rows: [[String]] = []

  func write(to output: Output) throws {
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    try output.line(output.style.heading(aligned(headings, widths)))
    for row in rows { try output.line(aligned(row, widths)) }
  }

  private func aligned(_ row: [String], _ widths: [Int]) -> String {
    let cells = row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 0 ? row[column] + space : space + row[column]
    }
    return cells.joined(separator: "  ")
  }
}

/// A number of bytes for people: `1.5 MiB`.
func readableSize(_ bytes: Int) -> String {
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  var tenths = bytes * 10
  var unit = 0
  while tenths >= 10_240, unit < units.count - 1 {
    tenths = (tenths + 512) / 1_024
    unit += 1
  }
  return unit == 0 || tenths % 10 == 0
    ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
