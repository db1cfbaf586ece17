// Everything that changes the contents of a file, or brings it to the disk.
#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"
#include "names.h"
#include "trace.h"

typedef off_t off64;

// The test's files may lie in memory, where a sync takes no time. Called inside a record: the process may be killed then.
static void delay_as_a_disk(void) {
  if (!trace_sync_delay) return;
  struct timespec delay = {0, trace_random(trace_sync_delay) * 1000L};
  trace_pause();
  syscall(SYS_nanosleep, &delay, NULL);
  trace_resume();
}

static ssize_t write_through(int fd, const void *bytes, size_t count, off_t offset) {
  return syscall(SYS_pwrite64, fd, bytes, count, offset);
}

// One run of bytes at a known place. The whole call is one record.
static ssize_t record_write(
    struct known_file *file, bool is_durable, int fd, const struct iovec *parts, int count, off_t offset) {
  enum death fate = trace_fate();
  if (fate == DIE_BEFORE) trace_die();
  size_t length = 0;
  for (int index = 0; index < count; index++) length += parts[index].iov_len;
  int fault = length ? faults_of_write(file, fd, offset, length) : 0;
  struct trace_record *record = trace_begin(TRACE_WRITE, file->inode, (uint64_t)offset, length, length);
  char *bytes = trace_payload(record);
  for (int index = 0; index < count; index++) {
    memcpy(bytes, parts[index].iov_base, parts[index].iov_len);
    bytes += parts[index].iov_len;
  }
  bytes = trace_payload(record);
  if (fault > 0) {
    trace_end(record, -1);
    if (fate != LIVE) trace_die();
    errno = fault;
    return -1;
  }
  if (fault == FAULT_SHORT) {
    // It ends between two pages.
    size_t pages = ((size_t)offset % 4096 + length - 1) / 4096;
    if (pages) length = (1 + trace_random((unsigned)pages)) * (size_t)4096 - (size_t)offset % 4096;
  }
  if (fate == DIE_INSIDE) {
    // A killed write ends between two pages.
    size_t pages = (length + 4095) / 4096;
    size_t part = pages < 2 ? 0 : trace_random((unsigned)pages) * (size_t)4096;
    ssize_t written = part ? write_through(fd, bytes, part, offset) : 0;
    record->length = part;
    trace_end(record, written);
    trace_die();
  }
  ssize_t result = write_through(fd, bytes, length, offset);
  int error = errno;
  trace_end(record, result);
  if (is_durable && result > 0) {
    // As if it were followed by a sync of what it wrote, during which the process may be killed.
    record = trace_begin(TRACE_SYNC_RANGE, file->inode, (uint64_t)offset, (uint64_t)result, 0);
    delay_as_a_disk();
    fault = faults_of_sync(file);
    trace_end(record, fault ? -1 : 0);
    if (fault) {
      result = -1;
      error = EIO;
    }
  }
  if (fate == DIE_AFTER) trace_die();
  errno = error;
  return result;
}

static ssize_t record_stream(struct known_file *file, int fd, const struct iovec *parts, int count) {
  int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
  off_t offset = syscall(SYS_lseek, fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
  if (offset < 0) return -1;
  if (flags & O_APPEND) trace_refuse("a file was opened for appending, which this simulator does not know");
  ssize_t result = record_write(file, file->is_durable, fd, parts, count, offset);
  if (result > 0) syscall(SYS_lseek, fd, offset + result, SEEK_SET);
  return result;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  struct known_file *file = names_known(fd);
  if (!file) return syscall(SYS_write, fd, bytes, count);
  struct iovec part = {(void *)bytes, count};
  return record_stream(file, fd, &part, 1);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  struct known_file *file = names_known(fd);
  if (!file) return syscall(SYS_writev, fd, parts, count);
  return record_stream(file, fd, parts, count);
}

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t offset) {
  struct known_file *file = names_known(fd);
  if (!file) return write_through(fd, bytes, count, offset);
  struct iovec part = {(void *)bytes, count};
  return record_write(file, file->is_durable, fd, &part, 1, offset);
}

static ssize_t writev_at(int fd, const struct iovec *parts, int count, off_t offset) {
  struct known_file *file = names_known(fd);
  if (!file) return syscall(SYS_pwritev, fd, parts, (long)count, (long)offset, 0L);
  return record_write(file, file->is_durable, fd, parts, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return write_at(fd, bytes, count, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64 offset) { return write_at(fd, bytes, count, offset); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return writev_at(fd, parts, count, offset);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64 offset) {
  return writev_at(fd, parts, count, offset);
}

static ssize_t writev_at_with_flags(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  struct known_file *file = names_known(fd);
  if (file) {
    if (offset < 0 || flags & ~(RWF_DSYNC | RWF_SYNC)) trace_refuse("pwritev2 was asked for what this simulator does not know");
    return record_write(file, file->is_durable || flags, fd, parts, count, offset);
  }
  return syscall(SYS_pwritev2, fd, parts, (long)count, (long)offset, 0L, (long)flags);
}

ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  return writev_at_with_flags(fd, parts, count, offset, flags);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64 offset, int flags) {
  return writev_at_with_flags(fd, parts, count, offset, flags);
}

// MARK: Sizes

static int change(uint32_t kind, struct known_file *file, off_t offset, off_t length, long number, int fd, int mode) {
  enum death fate = trace_fate();
  if (fate == DIE_BEFORE || fate == DIE_INSIDE) trace_die();
  int fault = kind == TRACE_ALLOCATE ? faults_of_growth(file, fd, offset + length) : 0;
  if (fault) {
    errno = fault > 0 ? fault : ENOSPC;
    return -1;
  }
  struct trace_record *record = trace_begin(kind, file->inode, (uint64_t)offset, (uint64_t)length, 0);
  int result = (int)(kind == TRACE_TRUNCATE ? syscall(number, fd, length) : syscall(number, fd, mode, offset, length));
  int error = errno;
  trace_end(record, result);
  if (fate == DIE_AFTER) trace_die();
  errno = error;
  return result;
}

static int cut(int fd, off_t length) {
  struct known_file *file = names_known(fd);
  return file ? change(TRACE_TRUNCATE, file, 0, length, SYS_ftruncate, fd, 0) : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64 length) { return cut(fd, length); }

static int cut_path(const char *path, off_t length) {
  char name[NAME_SIZE];
  if (names_resolve(AT_FDCWD, path, name)) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = cut(fd, length);
    int error = errno;
    close(fd);
    errno = error;
    return result;
  }
  return (int)syscall(SYS_truncate, path, length);
}

int truncate(const char *path, off_t length) { return cut_path(path, length); }
int truncate64(const char *path, off64 length) { return cut_path(path, length); }

static int allocate(int fd, int mode, off_t offset, off_t length) {
  struct known_file *file = names_known(fd);
  if (!file || mode == FALLOC_FL_KEEP_SIZE) return (int)syscall(SYS_fallocate, fd, mode, offset, length);
  if (mode != 0) trace_refuse("fallocate was asked for what this simulator does not know");
  return change(TRACE_ALLOCATE, file, offset, length, SYS_fallocate, fd, mode);
}

int fallocate(int fd, int mode, off_t offset, off_t length) { return allocate(fd, mode, offset, length); }
int fallocate64(int fd, int mode, off64 offset, off64 length) { return allocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { return allocate(fd, 0, offset, length) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64 offset, off64 length) { return allocate(fd, 0, offset, length) == 0 ? 0 : errno; }

// MARK: Syncs

static int sync_file(int fd, long number) {
  struct known_file *file = names_known(fd);
  if (!file) return (int)syscall(number, fd);
  enum death fate = trace_fate();
  if (fate == DIE_BEFORE) trace_die();
  const char *directory = file->directory;
  size_t payload = directory ? strlen(directory) : 0;
  uint32_t kind = number == SYS_syncfs ? TRACE_SYNC_ALL : directory ? TRACE_SYNC_DIRECTORY : TRACE_SYNC;
  struct trace_record *record = trace_begin(kind, file->inode, 0, 0, payload);
  if (payload) memcpy(trace_payload(record), directory, payload);
  // The process may be killed while it waits for the disk: then the sync has not returned, and counts for nothing.
  trace_pause();
  if (fate == DIE_INSIDE) trace_die();
  // The kernel may forget after this what it had to write: `Disk` knows.
  int fault = faults_of_sync(file);
  int result = fault ? -1 : (int)syscall(number, fd);
  int error = fault ? EIO : errno;
  trace_resume();
  delay_as_a_disk();
  trace_end(record, result);
  if (fate == DIE_AFTER) trace_die();
  errno = error;
  return result;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }
int syncfs(int fd) { return sync_file(fd, SYS_syncfs); }

// It starts writing, but brings neither metadata nor a disk's cache to rest: it promises nothing, so it counts for nothing.
int sync_file_range(int fd, off64 offset, off64 count, unsigned flags) {
  return (int)syscall(SYS_sync_file_range, fd, offset, count, flags);
}

// MARK: Maps

static void *map_file(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  struct known_file *file = names_known(fd);
  if (file && (flags & MAP_TYPE) != MAP_PRIVATE && (protection & PROT_WRITE)) {
    char name[NAME_SIZE];
    if (names_of_descriptor(fd, name)) {
      struct trace_record *record = trace_begin(TRACE_MAP, file->inode, 0, 0, strlen(name));
      memcpy(trace_payload(record), name, strlen(name));
      trace_end(record, 0);
    }
  }
  return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, (long)offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  return map_file(address, length, protection, flags, fd, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64 offset) {
  return map_file(address, length, protection, flags, fd, offset);
}

// MARK: What would write without being seen

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
  if (names_known(to)) trace_refuse("sendfile is not known to this simulator");
  return syscall(SYS_sendfile, to, from, offset, count);
}
ssize_t sendfile64(int to, int from, off64 *offset, size_t count) { return sendfile(to, from, offset, count); }

ssize_t copy_file_range(int from, off64 *in, int to, off64 *out, size_t count, unsigned flags) {
  if (names_known(to)) {
    // Callers fall back to reading and writing.
    errno = EXDEV;
    return -1;
  }
  return syscall(SYS_copy_file_range, from, in, to, out, count, flags);
}
#endif
