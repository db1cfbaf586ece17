#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "floor.h"

enum { key_capacity = 32 };

struct floor_counters {
  MDB_env *env;
  MDB_dbi dbi;
  size_t count;
  char (*keys)[key_capacity];
};

static MDB_val key_at(const floor_counters *counters, size_t index) {
  char *key = counters->keys[index];
  return (MDB_val){.mv_size = strlen(key), .mv_data = key};
}

static int read_counter(MDB_txn *txn, const floor_counters *counters, size_t index, int64_t *value) {
  MDB_val key = key_at(counters, index), data;
  int rc = mdb_get(txn, counters->dbi, &key, &data);
  if (rc != 0) return rc;
  if (data.mv_size != sizeof *value) return MDB_BAD_VALSIZE;
  memcpy(value, data.mv_data, sizeof *value);
  return 0;
}

static int write_counter(MDB_txn *txn, const floor_counters *counters, size_t index, int64_t value, unsigned flags) {
  MDB_val key = key_at(counters, index), data = {.mv_size = sizeof value, .mv_data = &value};
  return mdb_put(txn, counters->dbi, &key, &data, flags);
}

// Sets counters that are not there yet to 0, so that only increments of what exists are measured.
static int make_missing(floor_counters *counters) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(counters->env, NULL, 0, &txn);
  if (rc != 0) return rc;
  for (size_t i = 0; i < counters->count; i++) {
    rc = write_counter(txn, counters, i, 0, MDB_NOOVERWRITE);
    if (rc != 0 && rc != MDB_KEYEXIST) {
      mdb_txn_abort(txn);
      return rc;
    }
  }
  return mdb_txn_commit(txn);
}

int floor_counters_open(floor_counters **out, const char *directory, size_t count, bool relaxed) {
  floor_counters *counters = calloc(1, sizeof *counters);
  if (counters == NULL) return ENOMEM;
  counters->count = count;
  counters->keys = calloc(count, key_capacity);
  int rc = counters->keys == NULL ? ENOMEM : 0;
  if (rc == 0) {
    for (size_t i = 0; i < count; i++) snprintf(counters->keys[i], key_capacity, "counter-%zu", i);
    rc = floor_environment_open(directory, "counters", relaxed ? MDB_NOSYNC : 0, &counters->env, &counters->dbi);
  }
  if (rc != 0) {
    free(counters->keys);
    free(counters);
    return rc;
  }
  rc = make_missing(counters);
  if (rc != 0) {
    floor_counters_close(counters);
    return rc;
  }
  *out = counters;
  return 0;
}

int floor_counters_increment(floor_counters *counters, size_t index, int64_t *value) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(counters->env, NULL, 0, &txn);
  if (rc != 0) return rc;
  if ((rc = read_counter(txn, counters, index, value)) != 0 ||
      (rc = write_counter(txn, counters, index, ++*value, 0)) != 0) {
    mdb_txn_abort(txn);
    return rc;
  }
  return mdb_txn_commit(txn);
}

int floor_counters_sum(floor_counters *counters, int64_t *sum) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(counters->env, NULL, MDB_RDONLY, &txn);
  if (rc != 0) return rc;
  *sum = 0;
  for (size_t i = 0; i < counters->count && rc == 0; i++) {
    int64_t value = 0;
    rc = read_counter(txn, counters, i, &value);
    *sum += value;
  }
  mdb_txn_abort(txn);
  return rc;
}

void floor_counters_close(floor_counters *counters) {
  mdb_env_close(counters->env);
  free(counters->keys);
  free(counters);
}
