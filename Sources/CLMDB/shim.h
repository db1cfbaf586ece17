// The one door to liblmdb: the LMDB target alone imports this module.
#ifndef CLMDB_SHIM_H
#define CLMDB_SHIM_H

#include <lmdb.h>

#ifdef __linux__
#include <sys/vfs.h>

// The magic number of the file system that holds a path, or 0. Swift's C library module does not have statfs.
static inline unsigned int clmdb_file_system_type(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (unsigned int)status.f_type : 0;
}
#endif

#endif
