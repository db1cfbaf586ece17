// The trace: a header, and records one after another. `Trace.swift` reads it.
#ifndef POWER_TRACE_H
#define POWER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  TRACE_CREATE = 1,    // payload: name
  TRACE_WRITE = 2,     // payload: the bytes
  TRACE_TRUNCATE = 3,  // length: the new size
  TRACE_RENAME = 4,    // payload: name, 0, new name
  TRACE_UNLINK = 5,    // payload: name
  TRACE_MKDIR = 6,     // payload: name
  TRACE_SYNC = 7,      // of a file
  TRACE_SYNC_DIRECTORY = 8,  // payload: name
  TRACE_SYNC_ALL = 9,
  TRACE_MAP = 10,      // payload: name; writes through this map are not seen
  TRACE_MARK = 11,     // payload: five numbers
  TRACE_DIE = 12,
  TRACE_ALLOCATE = 13, // offset + length: the smallest size
  TRACE_OPEN = 15,      // payload: name; so that a file that was there before the recording is known
  TRACE_SYNC_RANGE = 14, // what a write to a descriptor with O_DSYNC or O_SYNC does besides
};

struct trace_header {
  uint64_t magic;
  uint64_t capacity;
  uint64_t cursor;  // the end of the last record
  uint64_t clock;   // the last ticket
};

struct trace_record {
  uint64_t size;   // of all of it, a multiple of 8
  uint32_t kind;
  uint32_t unused;
  uint64_t file;   // inode
  uint64_t offset;
  uint64_t length;
  int64_t result;
  uint64_t begin;  // tickets: before and after the call
  uint64_t end;    // 0: it never returned
  uint64_t time;   // monotonic, nanoseconds, at the beginning
  uint32_t pid;
  uint32_t payload;  // bytes that follow
};

#define TRACE_MAGIC 0x31524557504B4D4CULL

extern struct trace_header *trace;

/// Reserves a record, and gives it its first ticket. Between this and `trace_end` the process is not killed.
struct trace_record *trace_begin(uint32_t kind, uint64_t file, uint64_t offset, uint64_t length, size_t payload);
/// Notes that the call returned.
void trace_end(struct trace_record *record, int64_t result);
/// For a call during which the process may be killed: it goes on, and never returns.
void trace_pause(void);
void trace_resume(void);

static inline void *trace_payload(struct trace_record *record) { return record + 1; }

/// Stops the process with a sentence.
_Noreturn void trace_refuse(const char *what);

/// Called before each recorded call that changes a file: whether this is the one at which the process is to die, and how.
enum death { LIVE, DIE_BEFORE, DIE_AFTER, DIE_INSIDE };
enum death trace_fate(void);
void trace_die(void);

/// The longest delay of a sync, in microseconds, as of a disk.
extern unsigned trace_sync_delay;
unsigned trace_random(unsigned below);

#endif
