#define _GNU_SOURCE
#include "CFatal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct words {
  size_t count;
  int status;
  char bytes[];
};

// Replaced as a whole. Former ones are kept, since a signal may be reading them: a process has few.
static struct words *words;

// Only what may be called in a handler.
static void say(int number) {
  (void)number;
  const struct words *last = __atomic_load_n(&words, __ATOMIC_ACQUIRE);
  if (!last) _exit(128);
  size_t done = 0;
  while (done < last->count) {
    ssize_t length = write(STDERR_FILENO, last->bytes + done, last->count - done);
    if (length > 0) done += (size_t)length;
    else if (errno != EINTR) break;
  }
  _exit(last->status);
}

void cfatal_say(const char *bytes, size_t count, int status) {
  struct words *new = malloc(sizeof *new + count);
  // Without memory the process ends as it would have.
  if (!new) return;
  new->count = count;
  new->status = status;
  memcpy(new->bytes, bytes, count);
  __atomic_store_n(&words, new, __ATOMIC_RELEASE);
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = say;
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}
