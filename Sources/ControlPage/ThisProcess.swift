/// What others learn of this process.
enum ThisProcess {
  /// The name of the program: at most 63 bytes, whole characters.
  static var program: [UInt8] {
    let path = CommandLine.arguments.first ?? ""
    var name = path.split(separator: "/").last.map(String.init) ?? ""
    if name.isEmpty { name = readText("/proc/self/comm").filter { $0 != "\n" } }
    while name.utf8.count >= Layout.memberNameSize { name.removeLast() }
    return Array(name.utf8)
  }

  /// When it began, in clock ticks since the system's start: field 22 of `stat`, 0 where there is no such file.
  static var start: UInt64 {
    // The second field is the program's name in brackets, which may contain anything.
    let status = readText("/proc/self/stat")
    guard let bracket = status.lastIndex(of: ")") else { return 0 }
    let fields = status[bracket...].split(separator: " ")
    return fields.count > 20 ? UInt64(fields[20]) ?? 0 : 0
  }
}
