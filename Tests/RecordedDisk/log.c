// The log of a disk: what was written and flushed, in one order with the trace of those who use it.
#ifdef __linux__
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../PowerRecorder/trace.h"
#include "disk.h"

static char *records;
static uint64_t capacity;
static const char *trace_path;
static struct trace_header *shared_trace;
static unsigned longest_delay;
static unsigned random_state;

void log_open(const char *path, const char *trace, unsigned delay, unsigned seed) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail("the log");
  capacity = (uint64_t)status.st_size;
  records = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (records == MAP_FAILED) fail("mapping the log");
  close(file);
  trace_path = trace;
  longest_delay = delay;
  random_state = seed;
  ((struct record *)records)->size = sizeof(struct record);
}

// The trace is made when the workload begins, which is after the file system was mounted.
static struct trace_header *map_trace(void) {
  struct trace_header *trace = __atomic_load_n(&shared_trace, __ATOMIC_ACQUIRE);
  if (trace) return trace;
  int file = open(trace_path, O_RDWR | O_CLOEXEC);
  if (file < 0) return NULL;
  struct trace_header header;
  bool is_whole = pread(file, &header, sizeof header, 0) == sizeof header && header.magic == TRACE_MAGIC;
  void *map = is_whole ? mmap(NULL, sizeof header, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  if (map == MAP_FAILED) return NULL;
  // Another thread may have mapped it too, which does no harm.
  __atomic_store_n(&shared_trace, map, __ATOMIC_RELEASE);
  return map;
}

static int64_t ticket(void) {
  static int64_t before = INT64_MIN / 2;
  struct trace_header *trace = map_trace();
  if (!trace) return __atomic_add_fetch(&before, 1, __ATOMIC_SEQ_CST);
  return (int64_t)__atomic_add_fetch(&trace->clock, 1, __ATOMIC_SEQ_CST);
}

struct record *log_begin(enum record_kind kind, uint64_t offset, const void *data, uint64_t length) {
  if (!records) return NULL;
  struct record *header = (struct record *)records;
  uint64_t size = (sizeof(struct record) + length + 7) & ~(uint64_t)7;
  uint64_t place = __atomic_fetch_add(&header->size, size, __ATOMIC_SEQ_CST);
  if (place + size > capacity) {
    __atomic_sub_fetch(&header->size, size, __ATOMIC_SEQ_CST);
    __atomic_store_n(&header->kind, 1, __ATOMIC_SEQ_CST);
    return NULL;
  }
  struct record *record = (struct record *)(records + place);
  record->size = size;
  record->kind = kind;
  record->offset = offset;
  record->length = length;
  if (length) memcpy(record + 1, data, length);
  record->begin = ticket();
  return record;
}

void log_delay(enum record_kind kind) {
  if (!longest_delay) return;
  unsigned x = __atomic_add_fetch(&random_state, 0x9E3779B9u, __ATOMIC_RELAXED);
  x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
  x = (x ^ (x >> 13)) * 0xC2B2AE35u;
  // A disk takes a write sooner than it has flushed all of them.
  unsigned longest = kind == RECORD_FLUSH ? longest_delay : longest_delay / 4 + 1;
  struct timespec time = {.tv_nsec = (long)((x ^ (x >> 16)) % longest) * 1000};
  nanosleep(&time, NULL);
}

void log_end(struct record *record) {
  if (record) __atomic_store_n(&record->end, ticket(), __ATOMIC_SEQ_CST);
}
#endif
