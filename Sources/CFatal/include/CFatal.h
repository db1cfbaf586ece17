// Says a last sentence when a signal ends the process that stands for a damaged store.
#ifndef CFATAL_H
#define CFATAL_H

#include <stddef.h>

// Writes the bytes to the standard error and ends the process with the status, at SIGSEGV, SIGBUS, SIGFPE and SIGABRT: LMDB
// believes the pages of its file, and reads beside its map, or stops at an assertion, where they are damaged.
//
// The bytes are kept. Later calls replace what earlier ones have said.
void cfatal_say(const char *bytes, size_t count, int status);

#endif
