#include "environment.h"

#include "floor.h"

// Address space, not disk: the file grows as pages are written.
static const size_t map_size = (size_t)1 << 40;

const char *floor_error(int code) { return mdb_strerror(code); }

static int open_database(MDB_env *env, const char *name, MDB_dbi *dbi) {
  MDB_txn *txn;
  int rc = mdb_txn_begin(env, NULL, 0, &txn);
  if (rc != 0) return rc;
  rc = mdb_dbi_open(txn, name, MDB_CREATE, dbi);
  if (rc != 0) {
    mdb_txn_abort(txn);
    return rc;
  }
  return mdb_txn_commit(txn);
}

int floor_environment_open(const char *directory, const char *name, unsigned flags, MDB_env **env, MDB_dbi *dbi) {
  int rc = mdb_env_create(env);
  if (rc != 0) return rc;
  if ((rc = mdb_env_set_mapsize(*env, map_size)) != 0 ||
      (rc = mdb_env_set_maxdbs(*env, 2)) != 0 ||
      (rc = mdb_env_open(*env, directory, flags | MDB_NOTLS, 0600)) != 0 ||
      (rc = open_database(*env, name, dbi)) != 0)
    mdb_env_close(*env);
  return rc;
}
