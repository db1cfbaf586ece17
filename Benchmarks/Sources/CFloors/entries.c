#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "environment.h"
#include "floor.h"

int floor_entries_open(floor_entries **out, const char *directory) {
  floor_entries *entries = calloc(1, sizeof *entries);
  if (entries == NULL) return ENOMEM;
  int rc = floor_environment_open(directory, "data", MDB_NOSYNC, &entries->env, &entries->dbi);
  if (rc != 0) {
    free(entries);
    return rc;
  }
  *out = entries;
  return 0;
}

int floor_entries_load(floor_entries *entries, const char *keys, size_t key_size, size_t count, size_t value_size) {
  if (value_size < sizeof(uint64_t)) return EINVAL;
  char *value = calloc(1, value_size);
  if (value == NULL) return ENOMEM;
  MDB_txn *txn;
  int rc = mdb_txn_begin(entries->env, NULL, 0, &txn);
  if (rc != 0) {
    free(value);
    return rc;
  }
  for (uint64_t position = 0; position < count && rc == 0; position++) {
    memcpy(value, &position, sizeof position);
    MDB_val key = {.mv_size = key_size, .mv_data = (void *)(keys + position * key_size)};
    MDB_val data = {.mv_size = value_size, .mv_data = value};
    rc = mdb_put(txn, entries->dbi, &key, &data, 0);
  }
  if (rc == 0)
    rc = mdb_txn_commit(txn);
  else
    mdb_txn_abort(txn);
  free(value);
  return rc;
}

int floor_entries_begin(floor_entries *entries) {
  return mdb_txn_begin(entries->env, NULL, MDB_RDONLY, &entries->txn);
}

void floor_entries_reset(floor_entries *entries) { mdb_txn_reset(entries->txn); }

int floor_entries_renew(floor_entries *entries) { return mdb_txn_renew(entries->txn); }

void floor_entries_end(floor_entries *entries) {
  mdb_txn_abort(entries->txn);
  entries->txn = NULL;
}

int floor_entries_get(floor_entries *entries, const char *key, size_t key_size, uint64_t *position) {
  MDB_val name = {.mv_size = key_size, .mv_data = (void *)key}, data;
  int rc = mdb_get(entries->txn, entries->dbi, &name, &data);
  if (rc != 0) return rc;
  if (data.mv_size < sizeof *position) return MDB_BAD_VALSIZE;
  memcpy(position, data.mv_data, sizeof *position);
  return 0;
}

void floor_entries_close(floor_entries *entries) {
  mdb_env_close(entries->env);
  free(entries);
}
