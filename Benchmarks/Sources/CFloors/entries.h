#ifndef FLOOR_ENTRIES_H
#define FLOOR_ENTRIES_H

#include <lmdb.h>

struct floor_entries {
  MDB_env *env;
  MDB_dbi dbi;
  MDB_txn *txn;
};

#endif
