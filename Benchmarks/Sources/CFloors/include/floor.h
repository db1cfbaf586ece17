// The floors: what plain C on liblmdb costs, with nothing around it.
//
// Every function returns 0, an errno or an MDB_ code; `floor_error` puts it into words.

#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

const char *floor_error(int code);

// Counters: one named database, one write transaction for each increment.

typedef struct floor_counters floor_counters;

/// Opens the store in `directory`, which exists, and makes its database and its counters when they are not there.
/// `relaxed` is MDB_NOSYNC; otherwise a commit is on disk when it returns.
int floor_counters_open(floor_counters **out, const char *directory, size_t count, bool relaxed);

/// Adds one to a counter in a transaction of its own. Any thread may call it.
int floor_counters_increment(floor_counters *counters, size_t index, int64_t *value);

int floor_counters_sum(floor_counters *counters, int64_t *sum);

void floor_counters_close(floor_counters *counters);

// Entries: one named database, point reads.

typedef struct floor_entries floor_entries;

int floor_entries_open(floor_entries **out, const char *directory);

/// Writes the entries of `count` ascending keys, `key_size` bytes each and one after another, in one transaction. A
/// value is `value_size` bytes and starts with the position of its key.
int floor_entries_load(floor_entries *entries, const char *keys, size_t key_size, size_t count, size_t value_size);

/// Begins the one read transaction of this handle; `floor_entries_reset` ends its snapshot, `floor_entries_renew`
/// takes a new one, `floor_entries_end` frees it.
int floor_entries_begin(floor_entries *entries);
void floor_entries_reset(floor_entries *entries);
int floor_entries_renew(floor_entries *entries);
void floor_entries_end(floor_entries *entries);

/// Reads the entry of a key and gives the position that its value starts with.
int floor_entries_get(floor_entries *entries, const char *key, size_t key_size, uint64_t *position);

void floor_entries_close(floor_entries *entries);

#endif
