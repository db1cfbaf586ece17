#ifdef __linux__
#define _GNU_SOURCE
#include "trace.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "include/PowerRecorder.h"
#include "faults.h"
#include "names.h"

struct trace_header *trace;
unsigned trace_sync_delay;

// How many calls of this process are being recorded, and whether it is being killed, when no other may begin.
static int in_flight;
static int dying;
static int64_t calls_to_live = -1;
static enum death manner;
static unsigned random_state;

static uint64_t ticket(void) { return __atomic_add_fetch(&trace->clock, 1, __ATOMIC_SEQ_CST); }

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static _Noreturn void wait_for_death(void) {
  for (;;) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

void trace_resume(void) {
  __atomic_add_fetch(&in_flight, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&dying, __ATOMIC_SEQ_CST)) {
    __atomic_sub_fetch(&in_flight, 1, __ATOMIC_SEQ_CST);
    wait_for_death();
  }
}

void trace_pause(void) { __atomic_sub_fetch(&in_flight, 1, __ATOMIC_SEQ_CST); }

static struct trace_record *reserve(uint32_t kind, uint64_t file, uint64_t offset, uint64_t length, size_t payload) {
  uint64_t size = (sizeof(struct trace_record) + payload + 7) & ~(uint64_t)7;
  uint64_t place = __atomic_fetch_add(&trace->cursor, size, __ATOMIC_SEQ_CST);
  if (place + size > trace->capacity) trace_refuse("the trace is full");
  struct trace_record *record = (struct trace_record *)((char *)trace + place);
  record->size = size;
  record->kind = kind;
  record->file = file;
  record->offset = offset;
  record->length = length;
  record->pid = (uint32_t)getpid();
  record->payload = (uint32_t)payload;
  record->time = now();
  record->begin = ticket();
  return record;
}

struct trace_record *trace_begin(uint32_t kind, uint64_t file, uint64_t offset, uint64_t length, size_t payload) {
  trace_resume();
  return reserve(kind, file, offset, length, payload);
}

void trace_end(struct trace_record *record, int64_t result) {
  record->result = result;
  __atomic_store_n(&record->end, ticket(), __ATOMIC_SEQ_CST);
  trace_pause();
}

_Noreturn void trace_refuse(const char *what) {
  static const char prefix[] = "power recorder: ";
  (void)!syscall(SYS_write, 2, prefix, sizeof prefix - 1);
  (void)!syscall(SYS_write, 2, what, strlen(what));
  (void)!syscall(SYS_write, 2, "\n", 1);
  abort();
}

enum death trace_fate(void) {
  if (__atomic_load_n(&calls_to_live, __ATOMIC_RELAXED) < 0) return LIVE;
  return __atomic_fetch_sub(&calls_to_live, 1, __ATOMIC_SEQ_CST) == 0 ? manner : LIVE;
}

void trace_die(void) {
  int nobody = 0;
  if (!__atomic_compare_exchange_n(&dying, &nobody, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) wait_for_death();
  while (__atomic_load_n(&in_flight, __ATOMIC_SEQ_CST) > 0) syscall(SYS_sched_yield);
  reserve(TRACE_DIE, 0, 0, 0, 0)->end = ticket();
  syscall(SYS_kill, getpid(), SIGKILL);
  wait_for_death();
}

unsigned trace_random(unsigned below) {
  unsigned x = __atomic_add_fetch(&random_state, 0x9E3779B9u, __ATOMIC_RELAXED);
  x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
  x = (x ^ (x >> 13)) * 0xC2B2AE35u;
  return (x ^ (x >> 16)) % below;
}

void power_die(void) {
  if (trace) trace_die();
  syscall(SYS_kill, getpid(), SIGKILL);
}

void power_mark(uint64_t what, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth) {
  if (!trace) return;
  uint64_t numbers[5] = {what, first, second, third, fourth};
  struct trace_record *record = trace_begin(TRACE_MARK, 0, 0, 0, sizeof numbers);
  memcpy(trace_payload(record), numbers, sizeof numbers);
  trace_end(record, 0);
}

// LMKV_POWER_DIE is COUNT:MANNER, the manner one of `b`efore, `a`fter and `i`nside the call.
__attribute__((constructor)) static void set_up(void) {
  const char *path = getenv("LMKV_POWER_TRACE");
  const char *root = getenv("LMKV_POWER_ROOT");
  if (!path || !root) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (file < 0) trace_refuse("there is no trace");
  struct trace_header header;
  if (syscall(SYS_pread64, file, &header, sizeof header, 0) != sizeof header || header.magic != TRACE_MAGIC)
    trace_refuse("this is no trace");
  // The seventh argument is read from the stack, all 64 bits of it: an `int` would leave half of them to chance.
  void *map = (void *)syscall(SYS_mmap, NULL, header.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0L);
  if (map == MAP_FAILED) trace_refuse("the trace cannot be mapped");
  syscall(SYS_close, file);
  const char *delay = getenv("LMKV_POWER_SYNC_DELAY");
  const char *death = getenv("LMKV_POWER_DIE");
  const char *seed = getenv("LMKV_POWER_SEED");
  trace_sync_delay = delay ? (unsigned)atoi(delay) : 0;
  random_state = seed ? (unsigned)strtoul(seed, NULL, 10) : 0;
  if (death) {
    char *rest;
    calls_to_live = strtol(death, &rest, 10);
    manner = rest[0] == ':' && rest[1] == 'b' ? DIE_BEFORE : rest[0] == ':' && rest[1] == 'i' ? DIE_INSIDE : DIE_AFTER;
  }
  faults_read(getenv("LMKV_POWER_FAULTS"));
  names_set_root(root);
  trace = map;
}
#else
#include <signal.h>
#include <unistd.h>

#include "include/PowerRecorder.h"

// Nothing is recorded elsewhere.
void power_mark(uint64_t what, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth) {
  (void)what, (void)first, (void)second, (void)third, (void)fourth;
}
void power_die(void) { kill(getpid(), SIGKILL); }
#endif
