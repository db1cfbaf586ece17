// Records what a process does to the files below a directory, for the power-failure simulator.
//
// The functions of the C library that write files are defined anew in a program that links this. They do what they
// always do, and when LMKV_POWER_TRACE names a trace they note each call in it: a file that all processes of a
// workload map, with one order among all of them. Without the variable nothing is recorded.
#ifndef POWER_RECORDER_H
#define POWER_RECORDER_H

#include <stdint.h>

/// Notes what the program itself has to say: five numbers whose meaning is its own. Ordered among all records.
void power_mark(uint64_t what, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth);

/// `kill -9` of this process, at an instant when none of its writes is half done, so that the trace tells all of them.
void power_die(void);

#endif
