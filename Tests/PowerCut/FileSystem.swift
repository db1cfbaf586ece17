import Foundation
import Glibc

/// The file systems whose disks lose power.
enum FileSystem: String, CaseIterable, Sendable {
  case ext4
  /// Its data may reach the disk after the metadata that speak of them.
  case ext4Writeback = "ext4-writeback"
  case xfs

  private var type: String { self == .xfs ? "xfs" : "ext4" }
  private var options: String { self == .ext4Writeback ? "data=writeback" : "" }

  /// `mkfs.xfs` makes none that is smaller than 300 MB.
  private var size: Int { (self == .xfs ? 320 : 96) << 20 }

  /// Sectors that the file system believes to be written together. The superblock of ext4 has two, and its checksum is in
  /// the second: after a torn write nothing but `e2fsck` helps, whoever uses the file system.
  var indivisible: Range<Int>? { self == .xfs ? nil : 2..<4 }

  /// Whether the programs are there that it needs.
  var isInstalled: Bool { Command.path("mkfs." + type) != nil }

  /// Makes an image of an empty one.
  func create(_ image: String) throws {
    let descriptor = open(image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CutError.system(image) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, size) == 0 else { throw CutError.system(image) }
    // All of it, so that nothing is left to be done in the background.
    let arguments = self == .xfs ? ["-q", "-f"] : ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    try Command.run("mkfs." + type, arguments + [image])
  }

  func mount(_ device: String, at directory: String) throws {
    guard Glibc.mount(device, directory, type, 0, options) == 0 else {
      throw CutError.system("mounting \(device) as \(type)")
    }
  }
}
