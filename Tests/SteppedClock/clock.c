// Before all headers, which show it more then.
#define _GNU_SOURCE
#include "SteppedClock.h"

#if defined(__linux__) && defined(__GLIBC__)
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t own_offset;
static _Atomic int64_t *offset = &own_offset;

static const char *const variable = "LMKV_CLOCK_OFFSET";
static const int64_t second = 1000000000;
// Who waits until a time of day looks so often whether it has come.
static const int64_t look = 2000000;

// The function of the C library behind the one of that name here.
#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((noreturn)) static void give_up(const char *why) {
  fprintf(stderr, "SteppedClock: %s\n", why);
  abort();
}

static int is_of_day(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * second + time.tv_nsec; }

static struct timespec timespec_of(int64_t time) {
  struct timespec result = {time / second, time % second};
  if (result.tv_nsec < 0) {
    result.tv_nsec += second;
    result.tv_sec -= 1;
  }
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  REAL(clock_gettime);
  int result = real(clock, time);
  if (result == 0 && is_of_day(clock)) *time = timespec_of(nanoseconds(*time) + atomic_load(offset));
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

// The next moment of the computer's own clock at which to look, for one who waits until `end` of the stepped one. False when
// that has come.
static int next_look(const struct timespec *end, struct timespec *moment) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t left = nanoseconds(*end) - nanoseconds(now);
  if (left <= 0) return 0;
  *moment = timespec_of(nanoseconds(now) - atomic_load(offset) + (left < look ? left : look));
  return 1;
}

// Waits by the stepped clock: `wait` by the computer's until `moment`, again and again.
#define WAIT_IN_LOOKS(end, wait) \
  struct timespec moment; \
  while (next_look(end, &moment)) { \
    int result = wait; \
    if (result != ETIMEDOUT) return result; \
  } \
  return ETIMEDOUT

// Which clock a condition was made for stands in this bit, in all versions of glibc since 2.25. `check` sees whether it does.
static int waits_until_day(const pthread_cond_t *condition) { return !(condition->__data.__wrefs & 2); }

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict end) {
  REAL(pthread_cond_timedwait);
  if (!waits_until_day(condition)) return real(condition, mutex, end);
  WAIT_IN_LOOKS(end, real(condition, mutex, &moment));
}

int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
                           const struct timespec *restrict end) {
  REAL(pthread_cond_clockwait);
  if (!is_of_day(clock)) return real(condition, mutex, clock, end);
  WAIT_IN_LOOKS(end, real(condition, mutex, clock, &moment));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict end) {
  REAL(pthread_mutex_timedlock);
  WAIT_IN_LOOKS(end, real(mutex, &moment));
}

int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict end) {
  REAL(pthread_mutex_clocklock);
  if (!is_of_day(clock)) return real(mutex, clock, end);
  WAIT_IN_LOOKS(end, real(mutex, clock, &moment));
}

static int sem_result(int result) { return result == 0 ? 0 : errno; }

static int wait_for_semaphore(sem_t *semaphore, const struct timespec *end) {
  REAL(sem_timedwait);
  WAIT_IN_LOOKS(end, sem_result(real(semaphore, &moment)));
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict end) {
  int code = sem_trywait(semaphore) == 0 ? 0 : wait_for_semaphore(semaphore, end);
  if (code == 0) return 0;
  errno = code;
  return -1;
}

__attribute__((constructor)) static void check(void) {
  pthread_condattr_t attributes;
  pthread_cond_t monotonic, of_day;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&monotonic, &attributes);
  pthread_cond_init(&of_day, NULL);
  if (waits_until_day(&monotonic) || !waits_until_day(&of_day)) give_up("glibc keeps a condition's clock elsewhere");
  pthread_cond_destroy(&monotonic);
  pthread_cond_destroy(&of_day);
  pthread_condattr_destroy(&attributes);

  const char *path = getenv(variable);
  if (path) stepped_clock_share(path);
}

void stepped_clock_share(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof *offset) != 0) give_up("the file of the offset cannot be opened");
  void *shared = mmap(NULL, sizeof *offset, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) give_up("the file of the offset cannot be mapped");
  close(file);
  offset = shared;
  setenv(variable, path, 1);
}

void stepped_clock_step(int64_t step) { atomic_fetch_add(offset, step); }
int64_t stepped_clock_offset(void) { return atomic_load(offset); }
#else
void stepped_clock_share(const char *path) { (void)path; }
void stepped_clock_step(int64_t step) { (void)step; }
int64_t stepped_clock_offset(void) { return 0; }
#endif
