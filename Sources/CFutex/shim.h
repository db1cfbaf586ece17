// What the ControlPage target needs of Linux and Swift cannot call: the variadic `syscall`, and mutexes whose
// attributes are macros. Header only. All times are nanoseconds of CLOCK_MONOTONIC.
#ifndef CFUTEX_SHIM_H
#define CFUTEX_SHIM_H

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/stat.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(long) == 8 && sizeof(struct timespec) == 16, "the control page is for 64-bit systems");

// The C library and the size of its mutex: processes that differ in these cannot share a page.
#ifdef __GLIBC__
#define CFUTEX_C_LIBRARY 1
#if __GLIBC_PREREQ(2, 30)
#define CFUTEX_HAS_CLOCKLOCK 1
// The header shows it to GNU sources alone, and a module cannot ask for these.
extern int pthread_mutex_clocklock(pthread_mutex_t *, clockid_t, const struct timespec *);
#endif
#else
#define CFUTEX_C_LIBRARY 2
#endif

static inline uint32_t cfutex_abi(void) { return CFUTEX_C_LIBRARY << 8 | (uint32_t)sizeof(pthread_mutex_t); }

static inline int64_t cfutex_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline int64_t cfutex_now(void) { return cfutex_clock(CLOCK_MONOTONIC); }

// Exact to one tick of the kernel (1 to 10 ms), for a fifth of the price.
static inline int64_t cfutex_now_coarse(void) { return cfutex_clock(CLOCK_MONOTONIC_COARSE); }

static inline struct timespec cfutex_timespec(int64_t nanoseconds) {
  struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  return time;
}

static inline int32_t cfutex_gettid(void) { return (int32_t)syscall(SYS_gettid); }

// The magic number of the file system that an open file is on; 0 where the system does not tell.
static inline uint64_t cfutex_file_system(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (uint64_t)status.f_type & 0xFFFFFFFF : 0;
}

// Device and inode of a file, and a number of its mount that is never used again (Linux 6.8). 0, or -1 where the system does
// not tell all of it.
static inline int cfutex_file_place(const char *path, uint64_t place[3]) {
#ifdef SYS_statx
  struct statx status;
  const unsigned unique_mount = 0x4000;  // STATX_MNT_ID_UNIQUE, which older headers do not have.
  if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_INO | unique_mount, &status) != 0) return -1;
  if (!(status.stx_mask & unique_mount)) return -1;
  place[0] = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor;
  place[1] = status.stx_ino;
  // `stx_mnt_id`, by its place, since older headers do not have it.
  place[2] = *(const uint64_t *)((const char *)&status + 0x90);
  return 0;
#else
  return -1;
#endif
}

// Tells the processor that this thread spins.
static inline void cfutex_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

// Sleeps while `*word == expected`, until woken with a common bit of `bitset`, or until the time is over (negative:
// without end). 0, or ETIMEDOUT, EINTR, EAGAIN (the word has another value).
static inline int cfutex_wait(void *word, uint32_t expected, uint32_t bitset, int64_t timeout) {
  struct timespec end = {0, 0};
  if (timeout >= 0) {
    int64_t now = cfutex_now();
    end = cfutex_timespec(timeout > INT64_MAX - now ? INT64_MAX : now + timeout);
  }
  long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, timeout < 0 ? (struct timespec *)0 : &end,
                        (void *)0, bitset);
  return result == 0 ? 0 : errno;
}

// How many threads it woke.
static inline int cfutex_wake(void *word, int32_t count, uint32_t bitset) {
  long result = syscall(SYS_futex, word, FUTEX_WAKE_BITSET, count, (void *)0, (void *)0, bitset);
  return result < 0 ? 0 : (int)result;
}

// A robust, process-shared mutex that finds out when a thread locks it twice. `inherits`: with priority inheritance, for
// the order in which the kernel then serves those who wait.
static inline int cfutex_mutex_init(void *mutex, int inherits) {
  pthread_mutexattr_t attributes;
  int code = pthread_mutexattr_init(&attributes);
  if (code != 0) return code;
  code = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (code == 0) code = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (code == 0) code = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  if (code == 0 && inherits) code = pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  if (code == 0) code = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return code;
}

static inline int cfutex_mutex_trylock(void *mutex) { return pthread_mutex_trylock((pthread_mutex_t *)mutex); }
static inline int cfutex_mutex_lock(void *mutex) { return pthread_mutex_lock((pthread_mutex_t *)mutex); }
static inline int cfutex_mutex_unlock(void *mutex) { return pthread_mutex_unlock((pthread_mutex_t *)mutex); }
static inline int cfutex_mutex_consistent(void *mutex) { return pthread_mutex_consistent((pthread_mutex_t *)mutex); }

// Locks it, or gives up at a moment. Where the C library (before glibc 2.30) or the kernel (before Linux 5.14) cannot wait by
// the monotonic clock, it waits by the computer's, in pieces of 100 ms: a clock that is set forward costs nothing then. One
// that is set back during a piece makes that piece, and so the timeout, longer by as much; the lock itself comes when it is free.
static inline int cfutex_mutex_lock_until(void *mutex, int64_t deadline) {
#ifdef CFUTEX_HAS_CLOCKLOCK
  struct timespec moment = cfutex_timespec(deadline);
  int result = pthread_mutex_clocklock((pthread_mutex_t *)mutex, CLOCK_MONOTONIC, &moment);
  if (result != EINVAL) return result;
#endif
  for (;;) {
    int64_t left = deadline - cfutex_now();
    if (left <= 0) {
      int code = cfutex_mutex_trylock(mutex);
      return code == EBUSY ? ETIMEDOUT : code;
    }
    struct timespec piece = cfutex_timespec(cfutex_clock(CLOCK_REALTIME) + (left < 100000000 ? left : 100000000));
    int code = pthread_mutex_timedlock((pthread_mutex_t *)mutex, &piece);
    if (code != ETIMEDOUT) return code;
  }
}
#endif
#endif
