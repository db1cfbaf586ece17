import Foundation

/// Power cuts could not be made; says nothing about the store.
struct CutError: Error, CustomStringConvertible {
  let description: String
  /// Whether this machine, or this user, is the reason.
  let isForWantOfMeans: Bool

  init(_ description: String, isForWantOfMeans: Bool = false) {
    self.description = description
    self.isForWantOfMeans = isForWantOfMeans
  }

  /// With what `errno` says.
  static func system(_ what: String) -> CutError { CutError("\(what): \(String(cString: strerror(errno)))") }
}

/// Programs of the system.
enum Command {
  /// Where programs for the administrator are, which is not in everybody's path.
  private static let directories =
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    + ["/usr/local/sbin", "/usr/sbin", "/sbin"]

  static func path(_ name: String) -> String? {
    directories.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program, which must end with status 0.
  static func run(_ name: String, _ arguments: [String]) throws {
    guard let path = path(name) else { throw CutError("\(name) is not installed", isForWantOfMeans: true) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let words = said.trimmingCharacters(in: .whitespacesAndNewlines)
      throw CutError("\(name) \(arguments.joined(separator: " ")): \(words)")
    }
  }
}
