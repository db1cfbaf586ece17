import Foundation

/// Another store, whose files are mixed with those of an image: a hundred transactions, and its process was killed.
struct OtherStore {
  static let transactions = 40

  let files: [String: [UInt8]]
  /// How many transactions it has.
  let count: Int

  /// - Parameter directory: one that does not exist yet. It does not stay.
  init(_ workload: Workload, in directory: String) throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: directory) }
    let worker = try Worker(
      workload.driver,
      ["other", directory + "/store", workload.mode.rawValue, String(workload.seed), String(Self.transactions)],
      [
        "LMKV_BOOT_ID": workload.circumstances.boot(200),
        Circumstances.variable: workload.circumstances.enabled.map(\.rawValue).joined(separator: ","),
      ]
    )
    if let fault = try worker.fault(mayDie: true) { throw SimulationError("the other store: \(fault)") }
    var files: [String: [UInt8]] = [:]
    for name in ["data.mdb", "checkpoint", "redo"] {
      if let data = manager.contents(atPath: "\(directory)/store/\(name)") { files["store/" + name] = Array(data) }
    }
    self.files = files
    count = Self.transactions
  }
}
