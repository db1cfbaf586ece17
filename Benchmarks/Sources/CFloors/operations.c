#include <string.h>

#include "entries.h"
#include "floor.h"

int floor_entries_put(floor_entries *entries, const floor_entry_set *set, const size_t *positions, size_t count) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(entries->env, NULL, 0, &txn);
  if (rc != 0) return rc;
  unsigned flags = positions == NULL ? MDB_APPEND : 0;
  for (size_t i = 0; i < count && rc == 0; i++) {
    size_t number = (positions == NULL ? i : positions[i]) % set->value_count;
    const char *value = set->values + number * set->value_size;
    MDB_val key = {.mv_size = set->key_size, .mv_data = (void *)(set->keys + i * set->key_size)};
    MDB_val data = {.mv_size = set->value_size, .mv_data = (void *)value};
    rc = mdb_put(txn, entries->dbi, &key, &data, flags);
  }
  if (rc == 0) return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return rc;
}

int floor_entries_scan(floor_entries *entries, const char *prefix, size_t prefix_size, floor_scan_total *total) {
  MDB_cursor *cursor;
  int rc = mdb_cursor_open(entries->txn, entries->dbi, &cursor);
  if (rc != 0) return rc;
  *total = (floor_scan_total){0};
  MDB_val key = {.mv_size = prefix_size, .mv_data = (void *)prefix}, data;
  rc = mdb_cursor_get(cursor, &key, &data, prefix_size == 0 ? MDB_FIRST : MDB_SET_RANGE);
  while (rc == 0 && key.mv_size >= prefix_size && memcmp(key.mv_data, prefix, prefix_size) == 0) {
    uint64_t number;
    memcpy(&number, data.mv_data, sizeof number);
    total->entries++;
    total->bytes += key.mv_size + data.mv_size;
    total->numbers += number;
    rc = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
  }
  mdb_cursor_close(cursor);
  return rc == MDB_NOTFOUND ? 0 : rc;
}

int floor_entries_count(floor_entries *entries, size_t *count) {
  MDB_stat stat;
  int rc = mdb_stat(entries->txn, entries->dbi, &stat);
  *count = rc == 0 ? stat.ms_entries : 0;
  return rc;
}

// The last star takes one byte more whenever what follows it does not fit.
static bool matches(MDB_val key, const char *glob) {
  const char *byte = key.mv_data, *end = byte + key.mv_size;
  const char *star = NULL, *retry = NULL;
  while (byte < end) {
    if (*glob == '*') {
      star = glob++;
      retry = byte;
    } else if (*glob == '?' || (*glob != 0 && *glob == *byte)) {
      glob++;
      byte++;
    } else if (star != NULL) {
      glob = star + 1;
      byte = ++retry;
    } else {
      return false;
    }
    if (star != NULL && star[1] == 0) return true;
  }
  while (*glob == '*') glob++;
  return *glob == 0;
}

// Walks over all keys and counts those that match; `removes` them on the way.
static int walk(MDB_txn *txn, MDB_dbi dbi, const char *glob, bool removes, size_t *count) {
  MDB_cursor *cursor;
  int rc = mdb_cursor_open(txn, dbi, &cursor);
  if (rc != 0) return rc;
  *count = 0;
  MDB_val key, data;
  while ((rc = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
    if (!matches(key, glob)) continue;
    ++*count;
    if (removes && (rc = mdb_cursor_del(cursor, 0)) != 0) break;
  }
  mdb_cursor_close(cursor);
  return rc == MDB_NOTFOUND ? 0 : rc;
}

int floor_entries_match(floor_entries *entries, const char *glob, size_t *count) {
  return walk(entries->txn, entries->dbi, glob, false, count);
}

int floor_entries_remove(floor_entries *entries, const char *glob, size_t *removed) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(entries->env, NULL, 0, &txn);
  if (rc != 0) return rc;
  rc = walk(txn, entries->dbi, glob, true, removed);
  if (rc == 0) return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return rc;
}
