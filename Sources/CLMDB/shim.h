// The one door to liblmdb: the LMDB target alone imports this module.
#ifndef CLMDB_SHIM_H
#define CLMDB_SHIM_H

#include <lmdb.h>

#endif
