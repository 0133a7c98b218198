/* Preloaded into a server: keeps a log of what the process does to the files of one folder, and of what it
 * says through pipes, so that power cuts can be played on it afterwards (see recording.py and power_cuts.py).
 *
 * All processes append to one log, an entry with one writev, so that entries stand in the order in which they
 * were done. A change of a file is logged once it was made; the beginning and the end of a sync are logged
 * apart, since a sync vouches only for what was written before it began; what goes into a pipe is logged
 * before it is sent, so that no answer is out before it stands here.
 *
 * An entry: kind (1 byte), pid, file (its inode; for a pipe the descriptor), offset, length of the bytes that follow (8 bytes each, little
 * endian), the bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 65536
static uint64_t inode_of[MOST_FILES]; /* of the watched files that are open; 0: not watched */
static unsigned char is_folder[MOST_FILES];
static const char *watched;
static int journal = -1;

__attribute__((constructor)) static void begin(void) {
  watched = getenv("MARATHON_WATCHED");
  const char *path = getenv("MARATHON_JOURNAL");
  if (watched && path)
    journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void enter(char kind, uint64_t file, int64_t offset, const void *bytes, size_t length) {
  char head[33];
  int64_t pid = getpid(), size = (int64_t)length;
  head[0] = kind;
  memcpy(head + 1, &pid, 8);
  memcpy(head + 9, &file, 8);
  memcpy(head + 17, &offset, 8);
  memcpy(head + 25, &size, 8);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
  if (syscall(SYS_writev, journal, parts, 2) != (long)(sizeof head + length))
    abort();
}

static int is_watched(const char *path) {
  return journal >= 0 && path && strncmp(path, watched, strlen(watched)) == 0;
}

static uint64_t file_of(int fd) { return journal >= 0 && fd >= 0 && fd < MOST_FILES ? inode_of[fd] : 0; }

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int opened(int fd, const char *path, int is_new) {
  struct stat facts;
  if (fd < 0 || fd >= MOST_FILES || fstat(fd, &facts)) return fd;
  inode_of[fd] = facts.st_ino;
  is_folder[fd] = S_ISDIR(facts.st_mode);
  if (is_new) enter('C', facts.st_ino, 0, path, strlen(path));
  else if (S_ISREG(facts.st_mode)) enter('O', facts.st_ino, facts.st_size, path, strlen(path));
  return fd;
}

static int is_missing(const char *path) {
  struct stat facts;
  return stat(path, &facts) != 0;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (!is_watched(path)) return real(path, flags, mode); \
    int is_new = flags & O_CREAT && is_missing(path); \
    int fd = opened(real(path, flags, mode), path, is_new); \
    if (fd >= 0 && flags & O_TRUNC) enter('T', file_of(fd), 0, "", 0); \
    return fd; \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (!is_watched(path)) return real(folder, path, flags, mode); \
    int is_new = flags & O_CREAT && is_missing(path); \
    int fd = opened(real(folder, path, flags, mode), path, is_new); \
    if (fd >= 0 && flags & O_TRUNC) enter('T', file_of(fd), 0, "", 0); \
    return fd; \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  REAL(close);
  if (fd >= 0 && fd < MOST_FILES) inode_of[fd] = 0;
  return real(fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(write);
  struct stat facts;
  uint64_t file = file_of(fd);
  if (journal >= 0 && !file && fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode))
    enter('A', fd, 0, bytes, length);
  int64_t offset = file ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t done = real(fd, bytes, length);
  if (file && done > 0) enter('W', file, offset, bytes, done);
  return done;
}

#define PWRITE(name, type) \
  ssize_t name(int fd, const void *bytes, size_t length, type offset) { \
    REAL(name); \
    ssize_t done = real(fd, bytes, length, offset); \
    if (file_of(fd) && done > 0) enter('W', file_of(fd), offset, bytes, done); \
    return done; \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, type) \
  int name(int fd, type length) { \
    REAL(name); \
    int failed = real(fd, length); \
    if (file_of(fd) && !failed) enter('T', file_of(fd), length, "", 0); \
    return failed; \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name) \
  int name(int fd) { \
    REAL(name); \
    uint64_t file = file_of(fd); \
    if (file) enter(is_folder[fd] ? 'd' : 's', file, 0, "", 0); \
    int failed = real(fd); \
    if (file && !failed) enter(is_folder[fd] ? 'D' : 'S', file, 0, "", 0); \
    return failed; \
  }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  REAL(unlink);
  int failed = real(path);
  if (!failed && is_watched(path)) enter('U', 0, 0, path, strlen(path));
  return failed;
}

int rename(const char *from, const char *to) {
  REAL(rename);
  int failed = real(from, to);
  if (!failed && is_watched(from)) {
    char both[8192];
    size_t first = strlen(from) + 1, second = strlen(to);
    if (first + second > sizeof both) abort();
    memcpy(both, from, first);
    memcpy(both + first, to, second);
    enter('R', 0, 0, both, first + second);
  }
  return failed;
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  int failed = real(path, mode);
  struct stat facts;
  if (!failed && is_watched(path) && stat(path, &facts) == 0) enter('M', facts.st_ino, 0, path, strlen(path));
  return failed;
}
