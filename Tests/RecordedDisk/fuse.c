// The kernel's FUSE protocol, as much of it as a file system needs that is one file.
#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "disk.h"

#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)  // headers before Linux 6.2
#endif

enum { THREADS = 4, PAGES = 64, MAX_WRITE = PAGES * 4096, BUFFER = MAX_WRITE + 4096 };

static const struct disk *served;
static int channel;

static void reply(const struct fuse_in_header *request, int error, const void *data, size_t length) {
  struct fuse_out_header header = {
      .len = (uint32_t)(sizeof header + length), .error = -error, .unique = request->unique};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)data, length}};
  // It fails when the request was interrupted, and then nobody waits for it.
  (void)!writev(channel, parts, length ? 2 : 1);
}

static void init(const struct fuse_in_header *request, const struct fuse_init_in *wish) {
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION,
      .minor = wish->minor < FUSE_KERNEL_MINOR_VERSION ? wish->minor : FUSE_KERNEL_MINOR_VERSION,
      .max_readahead = wish->max_readahead,
      // Direct and asynchronous: what the loop device writes comes here at once, several requests at a time.
      .flags = wish->flags & (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_ASYNC_DIO | FUSE_MAX_PAGES),
      .max_background = 64,
      .congestion_threshold = 48,
      .max_write = MAX_WRITE,
      .time_gran = 1,
      .max_pages = PAGES,
  };
  reply(request, 0, &out, sizeof out);
}

static void get_attributes(const struct fuse_in_header *request) {
  struct fuse_attr_out out = {
      .attr_valid = 3600,
      .attr = {.ino = 1, .size = served->size, .blocks = served->size / 512, .mode = S_IFREG | 0600, .nlink = 1,
               .blksize = 4096}};
  reply(request, 0, &out, sizeof out);
}

static void read_bytes(const struct fuse_in_header *request, const struct fuse_read_in *what) {
  uint64_t left = what->offset < served->size ? served->size - what->offset : 0;
  reply(request, 0, served->bytes + what->offset, what->size < left ? what->size : left);
}

static void write_bytes(const struct fuse_in_header *request, const struct fuse_write_in *what) {
  if (what->offset > served->size || what->size > served->size - what->offset) return reply(request, ENOSPC, NULL, 0);
  const void *data = what + 1;
  struct record *record = log_begin(RECORD_WRITE, what->offset, data, what->size);
  if (record) log_delay(RECORD_WRITE);
  memcpy(served->bytes + what->offset, data, what->size);
  log_end(record);
  struct fuse_write_out out = {.size = what->size};
  reply(request, 0, &out, sizeof out);
}

static void flush(const struct fuse_in_header *request) {
  struct record *record = log_begin(RECORD_FLUSH, 0, NULL, 0);
  if (record) log_delay(RECORD_FLUSH);
  log_end(record);
  reply(request, 0, NULL, 0);
}

static void answer(const struct fuse_in_header *request) {
  const void *body = request + 1;
  switch (request->opcode) {
    case FUSE_INIT: return init(request, body);
    case FUSE_GETATTR: return get_attributes(request);
    case FUSE_OPEN: {
      struct fuse_open_out out = {.open_flags = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES};
      return reply(request, 0, &out, sizeof out);
    }
    case FUSE_READ: return read_bytes(request, body);
    case FUSE_WRITE: return write_bytes(request, body);
    case FUSE_FSYNC: return flush(request);
    case FUSE_RELEASE: return reply(request, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    // Discards and zeroing among them, in whose place the kernel writes zeros where it needs them; and FUSE_FLUSH, which
    // then never comes again.
    default: return reply(request, ENOSYS, NULL, 0);
  }
}

static void *serve(void *unused) {
  char *buffer = malloc(BUFFER);
  if (!buffer) fail("memory");
  for (;;) {
    ssize_t length = read(channel, buffer, BUFFER);
    if (length >= (ssize_t)sizeof(struct fuse_in_header)) answer((const struct fuse_in_header *)buffer);
    else if (length < 0 && errno == ENODEV) break;
    else if (length < 0 && errno != EINTR && errno != EAGAIN && errno != ENOENT) fail("a request of FUSE");
  }
  free(buffer);
  return unused;
}

void fuse_serve(const struct disk *disk, const char *path) {
  served = disk;
  channel = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (channel < 0) fail("/dev/fuse");
  char options[128];
  // Its root is no directory but the file itself.
  snprintf(options, sizeof options, "fd=%d,rootmode=100600,user_id=0,group_id=0,max_read=%d", channel, MAX_WRITE);
  if (mount("recorded-disk", path, "fuse", MS_NOSUID | MS_NODEV, options) != 0) fail("mounting with FUSE");
  for (int index = 0; index < THREADS; index++) {
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, serve, NULL)) != 0) fail("a thread");
    pthread_detach(thread);
  }
  // Closing the file asks for a flush, once. When this program dies with the file open nobody could answer, and it would
  // wait for itself for ever.
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) fail("opening the recorded file");
  close(file);
}
#endif
