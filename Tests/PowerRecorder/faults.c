#ifdef __linux__
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trace.h"

enum { RULES = 8 };

struct rule {
  char operation;
  char file[64];
  long after;
  unsigned chance;  // of one in so many; 0: see `after`
  int error;
  long times;
};

static struct rule rules[RULES];
static int count;

static int error_of(const char *name) {
  if (strcmp(name, "EIO") == 0) return EIO;
  if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
  if (strcmp(name, "EDQUOT") == 0) return EDQUOT;
  if (strcmp(name, "SHORT") == 0) return FAULT_SHORT;
  trace_refuse("LMKV_POWER_FAULTS names an error that is not known");
}

void faults_read(const char *plan) {
  while (plan && *plan) {
    char name[16];
    struct rule rule;
    if (count == RULES) trace_refuse("LMKV_POWER_FAULTS has too many rules");
    if (sscanf(plan, "%c,%63[^,],%ld,%15[^,],%ld", &rule.operation, rule.file, &rule.after, name, &rule.times) != 5)
      trace_refuse("LMKV_POWER_FAULTS cannot be read");
    rule.error = error_of(name);
    rule.chance = rule.after < 0 ? (unsigned)-rule.after : 0;
    rules[count++] = rule;
    plan = strchr(plan, ';');
    if (plan) plan++;
  }
}

static int concerns(const struct rule *rule, const struct known_file *file, char operation) {
  if (rule->operation != operation) return 0;
  const char *slash = strrchr(file->name, '/');
  return strcmp(rule->file, "*") == 0 || strcmp(rule->file, slash ? slash + 1 : file->name) == 0;
}

static int strikes(struct rule *rule) {
  long left = __atomic_load_n(&rule->times, __ATOMIC_SEQ_CST);
  while (left > 0)
    if (__atomic_compare_exchange_n(&rule->times, &left, left - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 1;
  return left < 0;
}

static int counted(const struct known_file *file, char operation) {
  for (int index = 0; index < count; index++) {
    struct rule *rule = &rules[index];
    if (!concerns(rule, file, operation)) continue;
    bool isMeant = rule->chance ? trace_random(rule->chance) == 0
                                : __atomic_fetch_sub(&rule->after, 1, __ATOMIC_SEQ_CST) <= 0;
    if (isMeant && strikes(rule)) return rule->error;
  }
  return 0;
}

int faults_of_growth(const struct known_file *file, int fd, off_t end) {
  for (int index = 0; index < count; index++) {
    struct rule *rule = &rules[index];
    struct stat status;
    if (!concerns(rule, file, 'x') || end <= rule->after) continue;
    if (fstat(fd, &status) == 0 && end > status.st_size && strikes(rule)) return rule->error;
  }
  return 0;
}

int faults_of_write(const struct known_file *file, int fd, off_t offset, size_t length) {
  int error = faults_of_growth(file, fd, offset + (off_t)length);
  return error ? error : counted(file, 'w');
}

int faults_of_sync(const struct known_file *file) { return counted(file, 's'); }
#endif
