/// What others learn of this process.
package enum ThisProcess {
  /// The name of the program: at most 63 bytes, whole characters.
  package static let program: String = {
    let path = CommandLine.arguments.first ?? ""
    var name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    if name.isEmpty { name = readText("/proc/self/comm").filter { $0 != "\n" } }
    while name.utf8.count > 63 { name.removeLast() }
    return name
  }()

  /// What tells its PID namespace from all others of this start of the machine. 0 where `/proc` does not say.
  package static let namespace: UInt64 = {
    var status = stat()
    return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : 0
  }()

  /// When it began, in clock ticks since the system's start: field 22 of `stat`, 0 where there is no such file.
  package static var start: UInt64 {
    // The second field is the program's name in brackets, which may contain anything.
    let status = readText("/proc/self/stat")
    guard let bracket = status.lastIndex(of: ")") else { return 0 }
    let fields = status[bracket...].split(separator: " ")
    return fields.count > 20 ? UInt64(fields[20]) ?? 0 : 0
  }
}

/// The start of a small file that the system makes up. Empty where there is none.
package func readText(_ path: String) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { _ = close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1_024)
  let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}
