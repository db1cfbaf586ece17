internal import LMDBPlatform

/// Which start of the machine this is: what was only in the kernel's memory is lost when it changes.
package struct BootIdentity: Hashable, Sendable {
  /// 16 bytes.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = Array((bytes + [UInt8](repeating: 0, count: 16)).prefix(16))
  }

  /// The kernel's own ID of this start. All zero where there is none to be had; then every start looks the same.
  package static let current: BootIdentity = {
    let descriptor = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return BootIdentity(bytes: []) }
    defer { _ = close(descriptor) }
    var text = [UInt8](repeating: 0, count: 64)
    let count = unsafe text.withUnsafeMutableBytes { unsafe LMDBPlatform.read(descriptor, $0.baseAddress, 64) }
    let digits = text.prefix(max(0, count)).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    let pairs = stride(from: 0, to: digits.count - 1, by: 2)
    return BootIdentity(bytes: pairs.map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }()
}
