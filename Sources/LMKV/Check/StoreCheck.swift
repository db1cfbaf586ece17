internal import Foundation
internal import LMDB

/// Looks at what LMKV has in a data file, entry by entry, while the file's pages are checked.
///
/// The named DBs come in the order of their names, so the catalog is known before the scopes.
final class StoreCheck {
  var section = CheckReport.Section("store")
  var entries = 0
  private(set) var head: Head?
  private(set) var uuid: UUID?
  private let trees: TreeLookup?
  private var catalog = CatalogCheck()
  private var expiries: ExpiryCheck

  /// The state of `meta`; nil where there is none that could be read.
  init(_ file: StoreFile, _ meta: MetaPage?) {
    let trees = meta.map { TreeLookup(file.descriptor, file.path, $0) }
    self.trees = trees
    // What cannot be looked up lies behind a damaged page, which is found when the pages are checked.
    head = (try? trees?.value(of: Head.keyBytes, in: nil)).flatMap { Head($0) }
    expiries = ExpiryCheck(trees)
  }

  /// A finding of the pages as one of the store.
  func finding(_ finding: FileFinding) -> CheckReport.Finding {
    self.finding(.init(of: finding), finding.page, finding.database, finding.key, finding.message)
  }

  /// The names of which are text.
  private func finding(
    _ kind: CheckReport.Kind,
    _ page: UInt64?,
    _ database: [UInt8]?,
    _ key: [UInt8]?,
    _ message: String
  ) -> CheckReport.Finding {
    CheckReport.Finding(
      kind: kind,
      page: page,
      database: database.map { String(decoding: $0, as: UTF8.self) },
      scope: database.flatMap { catalog.scope(of: $0) },
      key: key.map { String(decoding: $0, as: UTF8.self) },
      message: message
    )
  }

  private func report(
    _ kind: CheckReport.Kind,
    page: UInt64? = nil,
    in database: [UInt8]? = nil,
    key: [UInt8]? = nil,
    _ message: String
  ) {
    section.add(finding(kind, page, database, key, message))
  }

  // MARK: Entries

  func look(
    at key: UnsafeRawBufferPointer,
    _ value: UnsafeRawBufferPointer,
    in database: [UInt8]?,
    page: UInt64
  ) {
    guard let database else {
      guard unsafe !key.elementsEqual(Head.keyBytes) else {
        if head == nil { report(.catalog, page: page, "The head has \(value.count) bytes, and should have 24.") }
        return
      }
      return report(.catalog, page: page, "The main database has an entry that is neither the head nor a named DB.")
    }
    switch OwnDatabase(database) {
    case .metadata:
      if let fault = unsafe catalog.add(key, value, &uuid, head) {
        unsafe report(.catalog, page: page, in: database, key: Array(key), fault)
      }
    case .expiry:
      if let fault = unsafe expiries.look(at: key, value) { report(.expiry, page: page, in: database, fault) }
    case .scope, .coordination:
      entries += 1
      unsafe lookAtEntry(key, value, database, page)
    case nil:
      // Another program's.
      break
    }
  }

  private func lookAtEntry(
    _ key: UnsafeRawBufferPointer,
    _ value: UnsafeRawBufferPointer,
    _ database: [UInt8],
    _ page: UInt64
  ) {
    func report(_ kind: CheckReport.Kind, _ message: String) {
      unsafe self.report(kind, page: page, in: database, key: Array(key), message)
    }
    if unsafe String(validating: key, as: UTF8.self) == nil { report(.entry, "A key is not UTF-8.") }
    guard let header = unsafe EntryHeader(value) else {
      return report(.entry, "What stands before the value of a key is damaged.")
    }
    if header.revision == 0 || header.revision > head?.revision ?? .max {
      let newest = head.map { "; the newest one is \($0.revision)" } ?? ""
      report(.entry, "The entry of a key has the revision \(header.revision)\(newest).")
    }
    do throws(CBORFault) {
      var reader = unsafe CBORReader(UnsafeRawBufferPointer(rebasing: value[header.size...]))
      try reader.skip(depth: 0, checksText: true)
      try reader.expectEnd()
    } catch {
      report(.value, "The value of a key cannot be decoded: \(error.sentence), at byte \(error.offset).")
    }
    guard let expiry = header.expiry else { return }
    if unsafe expiries.isFull(afterAdding: key, expiry, database, page) { checkExpiries() }
  }

  private func checkExpiries() {
    for entry in expiries.takeMissing() {
      report(
        .expiry,
        page: entry.page,
        in: entry.database,
        key: entry.key,
        "A key has an expiry that is not in the index of expiries, so that it is never swept."
      )
    }
  }

  // MARK: The end

  func finish(_ databases: [(name: [UInt8], record: TreeRecord)]) {
    checkExpiries()
    for (name, fault) in catalog.faults(databases, head) { report(.catalog, in: name, fault) }
  }
}
