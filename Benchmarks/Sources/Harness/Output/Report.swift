/// What was measured in all rounds: a table for people, or a JSON object a line for programs.
public struct Report<Row: Encodable> {
  private let heading: String
  private let rows: [Row]
  private let columns: [TableColumn<Row>]
  private let remarks: [String]

  /// The remarks follow the table.
  public init(_ heading: String, _ rows: [Row], _ columns: [TableColumn<Row>], remarks: [String] = []) {
    self.heading = heading
    self.rows = rows
    self.columns = columns
    self.remarks = remarks
  }

  public func print(_ options: RunOptions) throws {
    if options.json { return try rows.forEach(printJSONLine) }
    Swift.print("\n\(heading), \(options.rounds) \(options.rounds == 1 ? "round" : "rounds")\n")
    Table(columns).print(rows)
    for remark in remarks { Swift.print("\n" + remark) }
  }
}
