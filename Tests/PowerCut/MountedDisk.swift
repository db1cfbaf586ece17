import CPowerCut
import Foundation
import Glibc

/// An image as a block device, with its file system mounted.
final class MountedDisk {
  /// What is recorded of it, and with what clock.
  struct Recording {
    let log: String
    let trace: String
    /// The longest time that a flush takes, in microseconds.
    let delay: Int
    let seed: Int
  }

  private let directory: String
  private let process = Process()
  private let input = Pipe()

  /// - Parameter file: where the device is shown as a file.
  init(
    _ image: String,
    _ fileSystem: FileSystem,
    at directory: String,
    file: String,
    recording: Recording? = nil
  ) throws {
    self.directory = directory
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
    if !manager.fileExists(atPath: file) { try Data().write(to: URL(fileURLWithPath: file)) }
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = try Self.program("RecordedDisk")
    process.arguments =
      [image, file] + (recording.map { [$0.log, $0.trace, String($0.delay), String($0.seed)] } ?? [])
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    try input.fileHandleForReading.close()
    try output.fileHandleForWriting.close()
    try errors.fileHandleForWriting.close()
    var device = ""
    while !device.hasSuffix("\n"), let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
      device += String(decoding: byte, as: UTF8.self)
    }
    guard device.hasSuffix("\n") else {
      let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      throw CutError(said.trimmingCharacters(in: .whitespacesAndNewlines), isForWantOfMeans: true)
    }
    do {
      try fileSystem.mount(String(device.dropLast()), at: directory)
    } catch {
      detach()
      throw error
    }
  }

  /// A program that was built beside this one.
  static func program(_ name: String) throws -> URL {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let url = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name)
    guard FileManager.default.isExecutableFile(atPath: url.path) else { throw CutError("\(name) is not built") }
    return url
  }

  /// Has everything written that the kernel has, and flushes the disk.
  func sync() throws {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CutError.system(directory) }
    defer { close(descriptor) }
    guard cpowercut_syncfs(descriptor) == 0 else { throw CutError.system("syncing \(directory)") }
  }

  /// Unmounts it, and takes the device away.
  func remove() throws {
    // A process that has just been killed may take a moment to let go.
    for attempt in 1... {
      if umount2(directory, 0) == 0 { break }
      guard errno == EBUSY, attempt < 6_000 else { throw CutError.system("unmounting \(directory)") }
      usleep(5_000)
    }
    detach()
  }

  private func detach() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  deinit {
    guard process.isRunning else { return }
    umount2(directory, Int32(MNT_DETACH))
    detach()
  }
}
