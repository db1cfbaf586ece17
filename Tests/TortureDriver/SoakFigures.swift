import FormatCheck
import Foundation

/// What processes and stores take of the machine.
struct SoakFigures: CustomStringConvertible {
  enum Measure: String, CaseIterable {
    /// Memory of the process's own, and with what it has of files.
    case memory = "memory KiB"
    case resident = "resident KiB"
    case descriptors
    case threads
    /// Lines of `/proc/PID/maps`.
    case maps
    /// What the files of the stores take on the disk, and how many there are.
    case disk = "disk KiB"
    case files

    /// Those of `docs/design.md`, "Files", in a store that is written.
    private static let filesOfStore = 8

    /// What is not bounded is printed only: pages of files stay as long as nobody else needs the memory.
    var isBounded: Bool { self != .resident }

    /// How much there may be in the end, where there was so much after a quarter of the time. The first part is for what
    /// chance does; the second for a short soak, in which not everything has happened after a quarter.
    func bound(_ quarter: Int) -> Int {
      switch self {
      case .memory: quarter + quarter / 4 + 12 << 10
      case .resident: .max
      case .descriptors: quarter + 4
      case .threads: quarter + 8
      case .maps: quarter + quarter / 4 + 40
      case .disk: quarter + quarter / 2 + 64 << 10
      case .files: Soak.tenants * Self.filesOfStore
      }
    }
  }

  private var values: [Measure: Int] = [:]

  subscript(_ measure: Measure) -> Int { values[measure] ?? 0 }

  init() {}

  init(process: pid_t) throws {
    let directory = "/proc/\(process)"
    let status = try String(contentsOfFile: directory + "/status", encoding: .utf8)
    func field(_ name: String) throws -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
        throw Fault("\(directory)/status has no \(name)")
      }
      return number
    }
    values[.memory] = try field("RssAnon")
    values[.resident] = try field("VmRSS")
    values[.threads] = try field("Threads")
    values[.descriptors] = try FileManager.default.contentsOfDirectory(atPath: directory + "/fd").count
    values[.maps] = try String(contentsOfFile: directory + "/maps", encoding: .utf8).count { $0 == "\n" }
  }

  init(stores: [String]) {
    var (blocks, count) = (0, 0)
    for store in stores {
      for file in (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? [] {
        var status = stat()
        // Some come and go.
        guard stat("\(store)/\(file)", &status) == 0 else { continue }
        blocks += Int(status.st_blocks)
        count += 1
      }
    }
    values[.disk] = blocks / 2
    values[.files] = count
  }

  func most(_ other: SoakFigures) -> SoakFigures { merged(other, by: max) }

  func least(_ other: SoakFigures) -> SoakFigures { merged(other, by: min) }

  private func merged(_ other: SoakFigures, by choose: (Int, Int) -> Int) -> SoakFigures {
    var result = self
    result.values.merge(other.values, uniquingKeysWith: choose)
    return result
  }

  /// What has grown beyond its bound.
  func excesses(over quarter: SoakFigures) -> [String] {
    Measure.allCases.filter { $0.isBounded && self[$0] > $0.bound(quarter[$0]) }.map { measure in
      "\(measure.rawValue): \(self[measure]) in the end, \(quarter[measure]) after a quarter, "
        + "\(measure.bound(quarter[measure])) allowed"
    }
  }

  var description: String {
    Measure.allCases.compactMap { measure in values[measure].map { "\(measure.rawValue) \($0)" } }
      .joined(separator: ", ")
  }
}
