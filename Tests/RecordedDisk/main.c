// RecordedDisk IMAGE DEVICE [LOG TRACE DELAY SEED]
//
// Makes a block device of the file IMAGE, says its name, and takes it away when the standard input ends. DEVICE is an
// empty file, over which it is mounted. What is written and flushed goes into LOG, with tickets of the clock of TRACE; a
// flush takes up to DELAY microseconds. A program of its own, and it touches no file of the device: so it can always be
// killed, and who uses the device gets errors then. For the same reason it must not have the mounts of those who use it:
// LMKV_POWER_MOUNTS names the name space that it begins with, in place of its parent's.
#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

_Noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

// Whoever is the last in a name space unmounts what is left there, and this program cannot when it is dying: it would wait
// for its own answers.
static void leave_mounts(void) {
  const char *path = getenv("LMKV_POWER_MOUNTS");
  if (!path) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || setns(file, CLONE_NEWNS) != 0) fail("leaving the mounts of others");
  close(file);
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("mounts of its own");
}

int main(int count, char **arguments) {
  if (count != 3 && count != 7) {
    fputs("usage: RecordedDisk IMAGE DEVICE [LOG TRACE DELAY SEED]\n", stderr);
    return 2;
  }
  leave_mounts();
  int file = open(arguments[1], O_RDWR | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail(arguments[1]);
  struct disk disk = {.size = (uint64_t)status.st_size};
  disk.bytes = mmap(NULL, disk.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (disk.bytes == MAP_FAILED) fail("mapping the image");
  if (count == 7) log_open(arguments[3], arguments[4], (unsigned)atoi(arguments[5]), (unsigned)atoi(arguments[6]));

  fuse_serve(&disk, arguments[2]);
  char name[64];
  int device = loop_attach(arguments[2], name);
  puts(name);
  fflush(stdout);

  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR) errno = 0;
  close(device);
  // By force: if somebody still has it, because the parent has died, errors are the answer.
  umount2(arguments[2], MNT_FORCE | MNT_DETACH);
  return 0;
}
#else
#include <stdio.h>

int main(void) {
  fputs("RecordedDisk is for Linux\n", stderr);
  return 1;
}
#endif
