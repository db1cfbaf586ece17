// Descriptors and names: what opens, closes, creates, renames and removes files.
#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "names.h"
#include "trace.h"

static int real_open(int directory, const char *path, int flags, mode_t mode) {
  return (int)syscall(SYS_openat, directory, path, flags, mode);
}

static struct trace_record *begin_named(uint32_t kind, const char *name) {
  struct trace_record *record = trace_begin(kind, 0, 0, 0, strlen(name));
  memcpy(trace_payload(record), name, strlen(name));
  return record;
}

static void record_open(uint64_t inode, const char *name) {
  struct trace_record *record = begin_named(TRACE_OPEN, name);
  record->file = inode;
  trace_end(record, 0);
}

static uint64_t inode_of(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

// Whether this call is the one that creates the file must be known.
static int open_recorded(int directory, const char *path, int flags, mode_t mode, const char *name) {
  while (flags & O_CREAT) {
    if (!(flags & O_EXCL)) {
      int fd = real_open(directory, path, flags & ~O_CREAT, mode);
      if (fd >= 0 || errno != ENOENT) return fd;
    }
    enum death fate = trace_fate();
    if (fate == DIE_BEFORE || fate == DIE_INSIDE) trace_die();
    struct trace_record *record = begin_named(TRACE_CREATE, name);
    int fd = real_open(directory, path, flags | O_EXCL, mode);
    int error = errno;
    record->file = fd < 0 ? 0 : inode_of(fd);
    trace_end(record, fd < 0 ? -1 : 0);
    if (fate == DIE_AFTER) trace_die();
    errno = error;
    if (fd >= 0 || errno != EEXIST || flags & O_EXCL) return fd;
  }
  return real_open(directory, path, flags, mode);
}

static int open_any(int directory, const char *path, int flags, mode_t mode) {
  char name[NAME_SIZE];
  if (!trace || !names_resolve(directory, path, name)) {
    int fd = real_open(directory, path, flags, mode);
    names_note(fd, flags);
    return fd;
  }
  if ((flags & O_TMPFILE) == O_TMPFILE) trace_refuse("O_TMPFILE is not known to this simulator");
  int fd = open_recorded(directory, path, flags & ~O_TRUNC, mode, name);
  names_note(fd, flags);
  struct known_file *file = names_known(fd);
  if (file && !file->directory) record_open(file->inode, name);
  if (fd >= 0 && flags & O_TRUNC && ftruncate(fd, 0) != 0) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

static mode_t mode_argument(int flags, va_list arguments) {
  return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(call)                       \
  va_list arguments;                     \
  va_start(arguments, flags);            \
  mode_t mode = mode_argument(flags, arguments); \
  va_end(arguments);                     \
  return call

int open(const char *path, int flags, ...) { OPEN(open_any(AT_FDCWD, path, flags, mode)); }
int open64(const char *path, int flags, ...) { OPEN(open_any(AT_FDCWD, path, flags, mode)); }
int openat(int directory, const char *path, int flags, ...) { OPEN(open_any(directory, path, flags, mode)); }
int openat64(int directory, const char *path, int flags, ...) { OPEN(open_any(directory, path, flags, mode)); }
int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __openat_2(int directory, const char *path, int flags) { return open_any(directory, path, flags, 0); }
int __openat64_2(int directory, const char *path, int flags) { return open_any(directory, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
  names_forget(fd);
  return (int)syscall(SYS_close, fd);
}

int dup(int fd) {
  int copy = (int)syscall(SYS_dup, fd);
  names_duplicate(fd, copy);
  return copy;
}
int dup3(int fd, int other, int flags) {
  int copy = (int)syscall(SYS_dup3, fd, other, flags);
  names_duplicate(fd, copy);
  return copy;
}
int dup2(int fd, int other) {
  if (fd == other) return (int)syscall(SYS_fcntl, fd, F_GETFD) < 0 ? -1 : fd;
  return dup3(fd, other, 0);
}

static int control(int fd, int command, long argument) {
  int result = (int)syscall(SYS_fcntl, fd, command, argument);
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) names_duplicate(fd, result);
  return result;
}

#define CONTROL                          \
  va_list arguments;                     \
  va_start(arguments, command);          \
  long argument = va_arg(arguments, long); \
  va_end(arguments);                     \
  return control(fd, command, argument)

int fcntl(int fd, int command, ...) { CONTROL; }
int fcntl64(int fd, int command, ...) { CONTROL; }

// MARK: Names

static int rename_any(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
  char old[NAME_SIZE], new[NAME_SIZE];
  bool is_ours = names_resolve(from_directory, from, old);
  if (names_resolve(to_directory, to, new) != is_ours) trace_refuse("a file was moved into or out of the directory");
  if (!is_ours) return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
  if (flags > 1) trace_refuse("renameat2 was asked for what this simulator does not know");
  enum death fate = trace_fate();
  if (fate == DIE_BEFORE || fate == DIE_INSIDE) trace_die();
  struct stat status;
  uint64_t inode = fstatat(from_directory, from, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
  record_open(inode, old);
  struct trace_record *record = trace_begin(TRACE_RENAME, inode, 0, 0, strlen(old) + 1 + strlen(new));
  memcpy(trace_payload(record), old, strlen(old) + 1);
  memcpy((char *)trace_payload(record) + strlen(old) + 1, new, strlen(new));
  int result = (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
  int error = errno;
  trace_end(record, result);
  if (fate == DIE_AFTER) trace_die();
  errno = error;
  return result;
}

int rename(const char *from, const char *to) { return rename_any(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
  return rename_any(from_directory, from, to_directory, to, 0);
}
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
  return rename_any(from_directory, from, to_directory, to, flags);
}

static int name_change(uint32_t kind, int directory, const char *path, long argument) {
  char name[NAME_SIZE];
  long number = kind == TRACE_MKDIR ? SYS_mkdirat : SYS_unlinkat;
  if (!names_resolve(directory, path, name)) return (int)syscall(number, directory, path, argument);
  enum death fate = trace_fate();
  if (fate == DIE_BEFORE || fate == DIE_INSIDE) trace_die();
  struct trace_record *record = begin_named(kind, name);
  int result = (int)syscall(number, directory, path, argument);
  int error = errno;
  trace_end(record, result);
  if (fate == DIE_AFTER) trace_die();
  errno = error;
  return result;
}

int unlink(const char *path) { return name_change(TRACE_UNLINK, AT_FDCWD, path, 0); }
int rmdir(const char *path) { return name_change(TRACE_UNLINK, AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int directory, const char *path, int flags) { return name_change(TRACE_UNLINK, directory, path, flags); }
int mkdir(const char *path, mode_t mode) { return name_change(TRACE_MKDIR, AT_FDCWD, path, mode); }
int mkdirat(int directory, const char *path, mode_t mode) { return name_change(TRACE_MKDIR, directory, path, mode); }

// `remove` of the C library reaches the system by itself.
int remove(const char *path) {
  struct stat status;
  if (fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  return S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}

static int link_any(int from_directory, const char *from, int to_directory, const char *to, int flags) {
  char name[NAME_SIZE];
  if (names_resolve(to_directory, to, name)) trace_refuse("a hard link is not known to this simulator");
  return (int)syscall(SYS_linkat, from_directory, from, to_directory, to, flags);
}

int link(const char *from, const char *to) { return link_any(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
  return link_any(from_directory, from, to_directory, to, flags);
}
#endif
