internal import LMDB
internal import LMDBPlatform

/// The pages that the newest checkpoint needs as they are, one bit each: the file `pages`, mapped by every process.
///
/// It is no truth of its own: it follows from the checkpoint, and is made anew with the next one. Used only by whoever
/// has the turn to write, in whichever process.
// The mapping is replaced and used only under the turn, which one thread at a time has; it ends with the object.
@safe final class PageBitmap: @unchecked Sendable {
  private let path: String
  /// Which file is mapped: a larger map must be of the same.
  private let identity: DirectoryLayout.FileIdentity?
  private var words: UnsafeMutableBufferPointer<UInt64> = unsafe .init(start: nil, count: 0)

  init(_ path: String, mode: UInt32) throws(LMDBError) {
    self.path = path
    // What is mapped needs no descriptor.
    identity = try StoreFile(path, O_RDWR | O_CREAT, mode: mode).identity
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
    let file = try StoreFile(path)
    guard file.identity == identity else {
      throw LMDBError(.init(rawValue: ESTALE), "open \(path), which was replaced while it was in use")
    }
    // A hole that cannot be filled later would be a SIGBUS.
    if try file.size < length { try file.allocate(length) }
    let start = try unsafe file.map(length)
    unmap()
    unsafe words = unsafe .init(start: start.assumingMemoryBound(to: UInt64.self), count: length / 8)
  }
}
