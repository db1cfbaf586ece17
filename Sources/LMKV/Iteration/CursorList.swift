/// The iterations over a snapshot or transaction that hold an LMDB cursor open.
final class CursorList {
  private struct Reference {
    weak var cursor: EntryCursor?
  }

  private var references: [Reference] = []

  func add(_ cursor: EntryCursor) {
    if references.count > 64 { references.removeAll { $0.cursor == nil } }
    references.append(Reference(cursor: cursor))
  }

  func suspendAll() {
    guard !references.isEmpty else { return }
    for reference in references { reference.cursor?.suspend() }
    references.removeAll()
  }
}
