import Foundation

/// The contents of a disk, where they are not zeros.
struct SparseImage: Sendable {
  private static let unit = 1 << 16

  let size: Int
  private var extents: [(offset: Int, bytes: Data)] = []

  init(_ path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    size = data.count
    let zeros = Data(count: Self.unit)
    for offset in stride(from: 0, to: size, by: Self.unit) {
      let piece = data[offset..<min(size, offset + Self.unit)]
      let isZero = piece.withUnsafeBytes { piece in
        zeros.withUnsafeBytes { memcmp($0.baseAddress!, piece.baseAddress!, piece.count) == 0 }
      }
      if !isZero { extents.append((offset, Data(piece))) }
    }
  }

  /// Writes it to a new file.
  func write(to path: String) throws {
    let file = try ImageFile(path, creating: true)
    try file.resize(to: size)
    for extent in extents { try extent.bytes.withUnsafeBytes { try file.write($0, at: extent.offset) } }
  }
}

/// An image that is being written.
final class ImageFile {
  private let path: String
  private let descriptor: Int32

  init(_ path: String, creating: Bool = false) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CLOEXEC | (creating ? O_CREAT | O_TRUNC : 0), 0o600)
    guard descriptor >= 0 else { throw CutError.system(path) }
  }

  deinit { close(descriptor) }

  func resize(to size: Int) throws {
    guard ftruncate(descriptor, size) == 0 else { throw CutError.system(path) }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    guard pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count else {
      throw CutError.system(path)
    }
  }
}
