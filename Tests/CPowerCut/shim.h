// What PowerCut needs of Linux and the C library shows to GNU sources alone. Header only. 0, or -1 with `errno`.
#ifndef CPOWERCUT_SHIM_H
#define CPOWERCUT_SHIM_H

#ifdef __linux__
#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Gives the calling thread, and those that it starts, mounts of their own.
static inline int cpowercut_own_mounts(void) { return (int)syscall(SYS_unshare, CLONE_NEWNS); }

// Writes all of a file system to its disk, and flushes that.
static inline int cpowercut_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }

// Begins to write a part of a file to the disk, without waiting and without a flush. 2 is SYNC_FILE_RANGE_WRITE.
static inline int cpowercut_start_writing(int descriptor, int64_t offset, int64_t length) {
  return (int)syscall(SYS_sync_file_range, descriptor, offset, length, 2u);
}
#endif
#endif
