// Loop devices: a block device that is a file.
#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "disk.h"

int loop_attach(const char *path, char name[64]) {
  int backing = open(path, O_RDWR | O_CLOEXEC);
  if (backing < 0) fail("opening the recorded file");
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) fail("/dev/loop-control");
  for (;;) {
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0) fail("finding a free loop device");
    snprintf(name, 64, "/dev/loop%d", number);
    int device = open(name, O_RDWR | O_CLOEXEC);
    if (device < 0) fail(name);
    // Direct: nothing between the file system and the recorder that could put two writes into one.
    struct loop_config config = {
        .fd = (uint32_t)backing,
        .block_size = 512,
        .info = {.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO},
    };
    if (ioctl(device, LOOP_CONFIGURE, &config) == 0) {
      close(backing);
      close(control);
      return device;
    }
    // Somebody else was faster.
    if (errno != EBUSY) fail("setting up a loop device");
    close(device);
  }
}
#endif
