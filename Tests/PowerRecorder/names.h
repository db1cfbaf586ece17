// Which descriptors and names belong to the recorded directory.
#ifndef POWER_NAMES_H
#define POWER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_SIZE = 4096 };

struct known_file {
  uint64_t inode;  // 0: not one of ours
  uint64_t device;
  bool is_durable; // opened with O_DSYNC or O_SYNC
  char *directory; // the name, if it is a directory
  const char *name;  // relative to the recorded directory
};

void names_set_root(const char *root);
/// The file behind a descriptor, or NULL.
struct known_file *names_known(int descriptor);
/// The name of a path relative to the recorded directory, or false if it lies elsewhere. The directory itself is ".".
bool names_resolve(int directory, const char *path, char name[NAME_SIZE]);
/// The same of an open file.
bool names_of_descriptor(int descriptor, char name[NAME_SIZE]);
void names_forget(int descriptor);
void names_note(int descriptor, int flags);
void names_duplicate(int from, int to);

#endif
