// A block device whose writes and flushes are recorded: `docs/power-cuts.md`.
#ifndef RECORDED_DISK_H
#define RECORDED_DISK_H

#include <stdint.h>

// What the device holds, mapped.
struct disk {
  char *bytes;
  uint64_t size;
};

// Ends the program with a sentence, and with what `errno` says.
_Noreturn void fail(const char *what);

// MARK: log.c

enum record_kind { RECORD_WRITE = 1, RECORD_FLUSH = 2 };

// The log is a header of one record, whose `size` is the end of the last one and whose `kind` is not 0 if the log was
// too small; then the records. `DiskLog.swift` reads it.
struct record {
  uint64_t size;    // of all of it, a multiple of 8
  uint64_t kind;
  uint64_t offset;  // of a write
  uint64_t length;  // of the data, which follow
  int64_t begin;    // tickets of the trace's clock, below 0 before there is a trace
  int64_t end;      // 0: it never ended
};

// Without a path nothing is recorded.
void log_open(const char *path, const char *trace, unsigned delay, unsigned seed);
// Notes that a request has come. NULL when nothing is recorded.
struct record *log_begin(enum record_kind kind, uint64_t offset, const void *data, uint64_t length);
// Waits as a disk may, so that requests overlap.
void log_delay(enum record_kind kind);
// Notes that it is about to be answered.
void log_end(struct record *record);

// MARK: fuse.c

// Shows the disk as the file `path`, and answers requests on threads of its own.
void fuse_serve(const struct disk *disk, const char *path);

// MARK: loop.c

// Makes a block device of a file. Gives its descriptor and writes its name; closing it takes the device away, as soon as
// nothing is mounted from it.
int loop_attach(const char *path, char name[64]);

#endif
