internal import LMDB
internal import LMDBPlatform

/// The pages that the newest checkpoint needs as they are, one bit each: the file `pages`, mapped by every process.
///
/// It is no truth of its own: it follows from the checkpoint, and is made anew with the next one. Used only by whoever
/// has the turn to write, in whichever process.
// The mapping is replaced and used only under the turn, which one thread at a time has; it ends with the object.
@safe final class PageBitmap: @unchecked Sendable {
  private let file: StoreFile
  private var words: UnsafeMutableBufferPointer<UInt64> = unsafe .init(start: nil, count: 0)

  init(_ path: String, mode: UInt32) throws(LMDBError) {
    file = try StoreFile(path, O_RDWR | O_CREAT, mode: mode)
  }

  deinit {
    unmap()
  }

  private func unmap() {
    guard let start = unsafe words.baseAddress else { return }
    _ = unsafe munmap(start, words.count * 8)
  }

  /// Sets the bits of all pages up to the last one, and clears those of the free ones.
  func rebuild(lastPage: UInt64, freePages: (_ clear: (UInt64) -> Void) throws(LMDBError) -> Void) throws(LMDBError) {
    let count = Int(lastPage / 64) + 1
    try map(atLeast: count)
    unsafe words[..<count].update(repeating: .max)
    // What lies behind the last page was not there at the checkpoint.
    unsafe words[count...].update(repeating: 0)
    unsafe words[count - 1] &= .max >> (63 - lastPage % 64)
    try freePages { page in clear(page) }
  }

  /// Takes over what another process has made.
  func adopt(lastPage: UInt64) throws(LMDBError) {
    try map(atLeast: Int(lastPage / 64) + 1)
  }

  func contains(_ page: UInt64) -> Bool {
    let index = Int(page / 64)
    guard unsafe index < words.count else { return false }
    return unsafe words[index] >> (page % 64) & 1 == 1
  }

  func clear(_ page: UInt64) {
    let index = Int(page / 64)
    if unsafe index < words.count { unsafe words[index] &= ~(1 << (page % 64)) }
  }

  private func map(atLeast count: Int) throws(LMDBError) {
    guard unsafe count > words.count else { return }
    // In steps, so that a growing file is not mapped anew each time.
    let length = (count * 8 + 0xFFFF) & ~0xFFFF
    if try file.size < length {
      // A hole that cannot be filled later would be a SIGBUS.
      let code = posix_fallocate(file.descriptor, 0, off_t(length))
      guard code == 0 else { throw LMDBError(.init(rawValue: code), "make room in \(file.path)") }
    }
    let start = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else {
      throw LMDBError(.init(rawValue: errno), "map \(file.path)")
    }
    unmap()
    unsafe words = unsafe .init(start: start.assumingMemoryBound(to: UInt64.self), count: length / 8)
  }
}
