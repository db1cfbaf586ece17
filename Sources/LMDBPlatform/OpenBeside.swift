/// Who may use a file: its owner, its group, and what they may do with it.
package struct FileOwnership: Equatable {
  package let owner: uid_t
  package let group: gid_t
  package let mode: mode_t

  /// Nil where the path leads to no file that can be looked at.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    owner = status.st_uid
    group = status.st_gid
    mode = status.st_mode & 0o777
  }

  /// Gives an open file, which this process has made, the same owner, group and permissions, as far as it may.
  package func give(to descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    // Only root may give a file away; others may give it to a group of theirs.
    if status.st_uid != owner, fchown(descriptor, owner, group) == 0 {
      status.st_gid = group
    } else if status.st_gid != group, fchown(descriptor, uid_t.max, group) == 0 {
      status.st_gid = group
    }
    // What one group may do another one need not.
    _ = fchmod(descriptor, status.st_gid == group ? mode : mode & ~0o070)
  }
}

/// Opens a file of a store; with `O_CREAT` it is made if need be, with owner, group and permissions of the `data.mdb` beside it:
/// whoever may use that one needs the others too, whichever user made them. Without a `data.mdb` the mode counts.
///
/// As `open(2)`: -1 with `errno` after a failure.
package func openBesideData(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let data = slash.map { path[...$0] + "data.mdb" } ?? "data.mdb"
  guard flags & O_CREAT != 0, let ownership = FileOwnership(of: data) else { return open(path, flags, mode) }
  // Only whoever made it gives it away. It may come and go in between.
  for _ in 0..<10 {
    if flags & O_EXCL == 0 {
      let found = open(path, flags & ~O_CREAT)
      guard found < 0, errno == ENOENT else { return found }
    }
    let made = open(path, flags | O_EXCL, mode)
    if made >= 0 { ownership.give(to: made) }
    guard made < 0, errno == EEXIST, flags & O_EXCL == 0 else { return made }
  }
  return open(path, flags, mode)
}
