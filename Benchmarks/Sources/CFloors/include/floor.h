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

// Entries, more than one at a time. What reads does so in the read transaction of the handle.

/// Keys of one size, one after another, and values of one size: the key at position n has value n modulo
/// `value_count`.
typedef struct {
  const char *keys;
  size_t key_size;
  const char *values;
  size_t value_size;
  size_t value_count;
} floor_entry_set;

/// Writes `count` keys, which are at these positions, in one transaction, in their order. Without positions: all keys,
/// which ascend, into an empty database, with MDB_APPEND.
int floor_entries_put(floor_entries *entries, const floor_entry_set *set, const size_t *positions, size_t count);

/// What a scan saw: so many entries and bytes, and the sum of the numbers with which the values start.
typedef struct {
  size_t entries;
  size_t bytes;
  uint64_t numbers;
} floor_scan_total;

/// Reads the entries whose keys start with the prefix, from the first to the last.
int floor_entries_scan(floor_entries *entries, const char *prefix, size_t prefix_size, floor_scan_total *total);

int floor_entries_count(floor_entries *entries, size_t *count);

/// Counts the keys that match a glob of `*`, `?` and literal bytes.
int floor_entries_match(floor_entries *entries, const char *glob, size_t *matches);

/// Removes them, in one transaction.
int floor_entries_remove(floor_entries *entries, const char *glob, size_t *removed);

void floor_entries_close(floor_entries *entries);

#endif
