#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "floor.h"

struct floor_entries {
  MDB_env *env;
  MDB_dbi dbi;
  MDB_txn *txn;
  const char *keys;
  size_t key_size;
  size_t count;
};

static MDB_val key_at(const floor_entries *entries, size_t index) {
  return (MDB_val){.mv_size = entries->key_size, .mv_data = (void *)(entries->keys + index * entries->key_size)};
}

int floor_entries_open(floor_entries **out, const char *directory, const char *keys, size_t key_size, size_t count) {
  floor_entries *entries = calloc(1, sizeof *entries);
  if (entries == NULL) return ENOMEM;
  entries->keys = keys;
  entries->key_size = key_size;
  entries->count = count;
  int rc = floor_environment_open(directory, "data", MDB_NOSYNC, &entries->env, &entries->dbi);
  if (rc != 0) {
    free(entries);
    return rc;
  }
  *out = entries;
  return 0;
}

static int put_all(floor_entries *entries, MDB_txn *txn, unsigned char *value, size_t value_size) {
  for (size_t i = 0; i < entries->count; i++) {
    uint64_t stamp = i;
    memcpy(value, &stamp, sizeof stamp);
    MDB_val key = key_at(entries, i), data = {.mv_size = value_size, .mv_data = value};
    int rc = mdb_put(txn, entries->dbi, &key, &data, 0);
    if (rc != 0) return rc;
  }
  return 0;
}

int floor_entries_load(floor_entries *entries, size_t value_size) {
  if (value_size < sizeof(uint64_t)) return EINVAL;
  unsigned char *value = calloc(1, value_size);
  if (value == NULL) return ENOMEM;
  MDB_txn *txn;
  int rc = mdb_txn_begin(entries->env, NULL, 0, &txn);
  if (rc == 0) {
    rc = put_all(entries, txn, value, value_size);
    if (rc == 0)
      rc = mdb_txn_commit(txn);
    else
      mdb_txn_abort(txn);
  }
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

int floor_entries_get(floor_entries *entries, size_t index, uint64_t *stamp) {
  MDB_val key = key_at(entries, index), data;
  int rc = mdb_get(entries->txn, entries->dbi, &key, &data);
  if (rc != 0) return rc;
  if (data.mv_size < sizeof *stamp) return MDB_BAD_VALSIZE;
  memcpy(stamp, data.mv_data, sizeof *stamp);
  return 0;
}

void floor_entries_close(floor_entries *entries) {
  mdb_env_close(entries->env);
  free(entries);
}
