#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { COUNT = 4 };
static const int forwarded[COUNT] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// 0 while there is none. Signals run on any thread, which need not know of it yet; so they are noted, too.
static pid_t child;
static int noted[COUNT];

// Passes on what was noted. Whoever comes second, a signal or the start of the child, sees what the other has done.
static void pass_on(void) {
  pid_t receiver = __atomic_load_n(&child, __ATOMIC_SEQ_CST);
  if (receiver <= 0) return;
  for (int i = 0; i < COUNT; i++)
    if (__atomic_exchange_n(&noted[i], 0, __ATOMIC_SEQ_CST)) kill(receiver, forwarded[i]);
}

static void forward(int number, siginfo_t *info, void *context) {
  (void)context;
  // Above zero the kernel sent it, for the terminal, and to the child as well.
  if (info->si_code > 0) return;
  int saved = errno;
  for (int i = 0; i < COUNT; i++)
    if (forwarded[i] == number) __atomic_store_n(&noted[i], 1, __ATOMIC_SEQ_CST);
  pass_on();
  errno = saved;
}

// In the child: only what may be called between fork and exec.
static void become(char *const arguments[], int default_sigpipe, pid_t parent, int report, const int *installed,
                   const sigset_t *mask) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
#else
  (void)parent;
#endif
  for (int i = 0; i < COUNT; i++)
    if (installed[i]) signal(forwarded[i], SIG_DFL);
  if (default_sigpipe) signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, mask, NULL);
  execvp(arguments[0], arguments);
  int error = errno;
  while (write(report, &error, sizeof error) < 0 && errno == EINTR) {}
  _exit(127);
}

// The errno with which the program could not be started; 0 when the pipe was closed by its start.
static int start_error(int report) {
  int error = 0;
  ssize_t count;
  while ((count = read(report, &error, sizeof error)) < 0 && errno == EINTR) {}
  return count == sizeof error ? error : 0;
}

cspawn_outcome cspawn_run(char *const arguments[], int default_sigpipe) {
  cspawn_outcome outcome = {0, 0};
  int ends[2];
  if (pipe(ends) != 0) {
    outcome.error = errno;
    return outcome;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);

  // Who ignores it is not told how a child ended.
  signal(SIGCHLD, SIG_DFL);
  sigset_t blocked, mask;
  sigemptyset(&blocked);
  for (int i = 0; i < COUNT; i++) sigaddset(&blocked, forwarded[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  struct sigaction former[COUNT], action;
  int installed[COUNT] = {0};
  memset(&action, 0, sizeof action);
  action.sa_sigaction = forward;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  action.sa_mask = blocked;
  for (int i = 0; i < COUNT; i++) {
    // Who ignores a signal, under nohup for example, goes on ignoring it, and so does the child.
    if (sigaction(forwarded[i], NULL, &former[i]) != 0 || former[i].sa_handler == SIG_IGN) continue;
    installed[i] = sigaction(forwarded[i], &action, NULL) == 0;
  }

  pid_t parent = getpid();
  pid_t started = fork();
  if (started == 0) become(arguments, default_sigpipe, parent, ends[1], installed, &mask);
  if (started < 0) outcome.error = errno;
  __atomic_store_n(&child, started, __ATOMIC_SEQ_CST);
  pass_on();
  close(ends[1]);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  if (started > 0) {
    outcome.error = start_error(ends[0]);
    // Not yet reaped, so that its number is not given to another process before nothing is passed on any more.
    siginfo_t info;
    while (waitid(P_PID, (id_t)started, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {}
  }
  __atomic_store_n(&child, 0, __ATOMIC_SEQ_CST);
  if (started > 0)
    while (waitpid(started, &outcome.status, 0) < 0 && errno == EINTR) {}
  close(ends[0]);
  for (int i = 0; i < COUNT; i++)
    if (installed[i]) sigaction(forwarded[i], &former[i], NULL);
  return outcome;
}
