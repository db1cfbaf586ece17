#ifdef __linux__
#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace.h"

enum { DESCRIPTORS = 1 << 16 };

static struct known_file files[DESCRIPTORS];
static char root[NAME_SIZE];
static size_t root_length;

void names_set_root(const char *path) {
  if (!realpath(path, root)) trace_refuse("the directory to record does not exist");
  root_length = strlen(root);
}

// Who closes a descriptor inside the C library (`closedir`, `fclose`) is not seen, and the next file may get its number.
static void check_is_same(int descriptor) {
  struct stat status;
  struct known_file *file = &files[descriptor];
  if (fstat(descriptor, &status) == 0 && status.st_ino == file->inode && status.st_dev == file->device) return;
  int flags = (int)syscall(SYS_fcntl, descriptor, F_GETFL);
  names_note(descriptor, flags < 0 ? 0 : flags);
}

struct known_file *names_known(int descriptor) {
  if (!trace || descriptor < 0 || descriptor >= DESCRIPTORS || !files[descriptor].inode) return NULL;
  check_is_same(descriptor);
  return files[descriptor].inode ? &files[descriptor] : NULL;
}

static bool relative(const char *path, char name[NAME_SIZE]) {
  if (strncmp(path, root, root_length) != 0) return false;
  if (path[root_length] == 0) {
    strcpy(name, ".");
    return true;
  }
  if (path[root_length] != '/') return false;
  strcpy(name, path + root_length + 1);
  return true;
}

bool names_of_descriptor(int descriptor, char name[NAME_SIZE]) {
  char link[64], path[NAME_SIZE];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return relative(path, name);
}

bool names_resolve(int directory, const char *path, char name[NAME_SIZE]) {
  char absolute[2 * NAME_SIZE], parent[2 * NAME_SIZE], resolved[NAME_SIZE + 1];
  if (!trace || !path || strlen(path) >= NAME_SIZE) return false;
  if (path[0] == '/') {
    strcpy(absolute, path);
  } else {
    char link[64], base[NAME_SIZE];
    if (directory == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
    if (length < 0) return false;
    base[length] = 0;
    snprintf(absolute, sizeof absolute, "%s/%s", base, path);
  }
  for (size_t length = strlen(absolute); length > 1 && absolute[length - 1] == '/'; length--) absolute[length - 1] = 0;
  strcpy(parent, absolute);
  char *slash = strrchr(parent, '/');
  const char *last = absolute + (slash - parent) + 1;
  if (strcmp(last, "..") == 0 || strcmp(last, ".") == 0)
    return realpath(absolute, resolved) && relative(resolved, name);
  *slash = 0;
  // Neither the file need exist nor its directory: another process may create that before this call is carried out.
  while (!realpath(parent[0] ? parent : "/", resolved)) {
    char *above = strrchr(parent, '/');
    if (errno != ENOENT || !above) return false;
    *above = 0;
    last = absolute + (above - parent) + 1;
  }
  char whole[2 * NAME_SIZE];
  snprintf(whole, sizeof whole, "%s/%s", resolved, last);
  return strlen(whole) < NAME_SIZE && relative(whole, name);
}

void names_forget(int descriptor) {
  if (descriptor < 0 || descriptor >= DESCRIPTORS) return;
  // A name is not freed: another thread may be reading it.
  files[descriptor] = (struct known_file){0};
}

void names_note(int descriptor, int flags) {
  if (!trace || descriptor < 0) return;
  char name[NAME_SIZE];
  struct stat status;
  names_forget(descriptor);
  if (!names_of_descriptor(descriptor, name) || fstat(descriptor, &status) != 0) return;
  if (descriptor >= DESCRIPTORS) trace_refuse("too many descriptors");
  struct known_file file = {.inode = status.st_ino, .device = status.st_dev, .is_durable = (flags & O_DSYNC) != 0};
  file.name = strdup(name);
  if (S_ISDIR(status.st_mode)) file.directory = (char *)file.name;
  files[descriptor] = file;
}

void names_duplicate(int from, int to) {
  if (from < 0 || to < 0 || from >= DESCRIPTORS || to >= DESCRIPTORS || from == to) return;
  files[to] = files[from];
}
#endif
