import FormatCheck
import Foundation
import LMDB
import LMKV
import PowerSimulation

/// Looks at a store that nobody has open: through LMKV, from below as `docs/design.md` has it, and page by page.
enum Soundness {
  static func check(_ path: String, _ configuration: Store.Configuration) throws {
    try sweep(path, configuration)
    try lookBelow(path)
    let data = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
    if let fault = PageWalk.fault(in: data) { throw Fault("corrupt: \(fault)") }
    let store = try Store(path: path, configuration: configuration)
    let before = try store.read { $0.revision }
    try store.scope("judge", of: Int.self).increment("n")
    guard try store.read({ $0.revision }) == before + 1 else { throw Fault("the revision is not one more") }
    try store.close()
    let again = try Store(path: path, configuration: configuration)
    guard try again.read({ $0.revision }) == before + 1 else { throw Fault("lost: the judge's own transaction") }
    try again.close()
  }

  /// What expired goes, wholly.
  private static func sweep(_ path: String, _ configuration: Store.Configuration) throws {
    let store = try Store(path: path, configuration: configuration)
    usleep(60_000)
    while try store.sweepExpired().removed > 0 {}
    let left = try store.scope("fleeting").count()
    guard left == 0 else { throw Fault("\(left) entries that expired are left") }
    try store.close()
  }

  private static func lookBelow(_ path: String) throws {
    let environment = try Environment.open(path)
    try StoreLayout(environment).check()
    let readers = try environment.readers().filter { $0.transactionID != nil }
    guard readers.isEmpty else { throw Fault("\(readers.count) snapshots of nobody are left open") }
  }
}
