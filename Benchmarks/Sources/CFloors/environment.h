#ifndef FLOOR_ENVIRONMENT_H
#define FLOOR_ENVIRONMENT_H

#include <lmdb.h>

// Opens the environment in `directory` with one named database, made when it is not there.
int floor_environment_open(const char *directory, const char *name, unsigned flags, MDB_env **env, MDB_dbi *dbi);

#endif
