// Runs a program as a child of this process, and waits for it.
#ifndef CSPAWN_H
#define CSPAWN_H

// What became of it.
typedef struct {
  // An errno when the program could not be started; 0 otherwise.
  int error;
  // As waitpid gives it.
  int status;
} cspawn_outcome;

// Runs the program `arguments[0]`, looked for in PATH, in this process's process group, so that it can use the terminal.
//
// While it runs, SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end this process: what a process sends is passed on to the
// child; what the terminal sends goes to its whole foreground group, and so to the child already. The child ends with
// this process (SIGKILL), where the system can do that (Linux); the calling thread must not end before.
//
// `default_sigpipe`: whether the child gets SIGPIPE as it is by default, although this process ignores it.
//
// One at a time in a process.
cspawn_outcome cspawn_run(char *const arguments[], int default_sigpipe);

#endif
