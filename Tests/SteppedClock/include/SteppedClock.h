// A computer's clock that a test may set, for the processes that it starts.
//
// In a program that links this, the functions of the C library that tell the time of day, or wait until one, are defined anew:
// they go by the computer's clock and an offset, which can be changed, also while somebody waits. Processes that are started
// by one that shares its offset have the same. The monotonic clocks stay as they are.
//
// With another C library than glibc nothing is defined anew, and a step changes nothing.
#ifndef STEPPED_CLOCK_H
#define STEPPED_CLOCK_H

#include <stdint.h>

/// From now on the offset is in this file, which is made if absent, for this process and those that it starts.
void stepped_clock_share(const char *path);

/// Sets the clock forward by so many nanoseconds, or back.
void stepped_clock_step(int64_t nanoseconds);

/// How far it is from the computer's, in nanoseconds.
int64_t stepped_clock_offset(void);

#endif
