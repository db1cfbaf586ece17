// Calls that fail as the plan in LMKV_POWER_FAULTS says.
#ifndef POWER_FAULTS_H
#define POWER_FAULTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "names.h"

enum { FAULT_SHORT = -1 };

/// Reads the plan: rules `OP,FILE,AFTER,ERROR,TIMES` with a semicolon between two. OP is `w` (a write), `s` (a sync) or
/// `x` (whatever makes the file larger than AFTER bytes); FILE is the last part of the name, or `*`; AFTER says how many
/// such calls go well first, or, with a minus, that each fails with a chance of one in so many; ERROR is `EIO`, `ENOSPC`,
/// `EDQUOT` or `SHORT`; TIMES how many fail, -1 for all.
void faults_read(const char *plan);

/// 0, an error number, or FAULT_SHORT, of which a write does a part.
int faults_of_write(const struct known_file *file, int fd, off_t offset, size_t length);
int faults_of_growth(const struct known_file *file, int fd, off_t end);
int faults_of_sync(const struct known_file *file);

#endif
