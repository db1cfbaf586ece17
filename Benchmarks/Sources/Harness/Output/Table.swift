internal import TextTable

/// A table of text: the first column aligned to the left, the others to the right. As Markdown, so that it can be
/// pasted as it is.
public struct Table<Row> {
  private let columns: [TableColumn<Row>]

  public init(_ columns: [TableColumn<Row>]) {
    self.columns = columns
  }

  public func print(_ rows: [Row]) {
    let table = TextTable<Row> { row in
      columns.enumerated().map { position, column in
        Column(title: column.title, value: column.cell(row), align: position == 0 ? .left : .right)
      }
    }
    Swift.print(table.string(for: rows, style: Style.pipe) ?? "", terminator: "")
  }
}

public struct TableColumn<Row> {
  let title: String
  let cell: (Row) -> String

  public init(_ title: String, cell: @escaping (Row) -> String) {
    self.title = title
    self.cell = cell
  }
}
