/* A disk that fails when told to, between a program and the C library (LD_PRELOAD; Linux, glibc).
 *
 * Every call that changes a file below one folder is counted. The one with the chosen number kills the
 * process before it, kills it half-way through, fails with an error, or is cut short. SQLite and Python both
 * reach the kernel through these functions. Armed through `faults_arm` (ctypes) or, for a program that knows
 * nothing of this, through the environment: FAULTS_UNDER, FAULTS_AT, FAULTS_HOW, FAULTS_ONLY, FAULTS_STICKY.
 *
 * A failing fsync also loses what this descriptor wrote since its last one, as Linux does (its pages are
 * marked clean): the bytes are set to zero. Databases keep theirs, since SQLite overwrites pages whose old
 * content had long been durable.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOTHING = 0, KILL = -1, TEAR = -2, SHORT = -3 }; /* an errno above 0 fails the call with it */
enum { FRESH_FDS = 1024 };

static char under[PATH_MAX];
static size_t under_length;
static char only[64];
static int chosen, how, sticky;
static atomic_int seen;
static char struck[PATH_MAX + 64];
static struct { off_t low, high; } fresh[FRESH_FDS]; /* written since the last fsync, by descriptor */

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* ------------------------------------------------------------------ control */

void faults_arm(const char *folder, int at, int kind, const char *operation, int stays)
{
    snprintf(under, sizeof under, "%s/", folder);
    snprintf(only, sizeof only, "%s", operation ? operation : "");
    memset(fresh, 0, sizeof fresh);
    struck[0] = 0;
    atomic_store(&seen, 0);
    chosen = at;
    how = kind;
    sticky = stays;
    under_length = strlen(under);
}

int faults_seen(void) { return atomic_load(&seen); }
void faults_heal(void) { how = NOTHING; }
const char *faults_struck(void) { return struck; }

__attribute__((constructor)) static void from_environment(void)
{
    const char *folder = getenv("FAULTS_UNDER"), *at = getenv("FAULTS_AT"), *kind = getenv("FAULTS_HOW");
    if (folder && at && kind)
        faults_arm(folder, atoi(at), atoi(kind), getenv("FAULTS_ONLY"), getenv("FAULTS_STICKY") != NULL);
}

/* ------------------------------------------------------------------ which calls count */

static const char *of_fd(int fd, char *buffer)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, buffer, PATH_MAX - 1);
    buffer[length < 0 ? 0 : length] = 0;
    return buffer;
}

static const char *of_path(int folder, const char *path, char *buffer)
{
    char base[PATH_MAX] = "";
    if (!path || path[0] == '/') return path ? path : "";
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return "";
    } else {
        of_fd(folder, base);
    }
    if (snprintf(buffer, PATH_MAX, "%.2000s/%.2000s", base, path) >= PATH_MAX) return "";
    return buffer;
}

/* What takes room or goes on changing bytes; on a full disk, removing and syncing still work. */
static int needs_room(const char *operation)
{
    return !strcmp(operation, "open") || !strcmp(operation, "write") || !strcmp(operation, "mkdir")
        || !strcmp(operation, "link") || !strcmp(operation, "allocate") || !strcmp(operation, "rename");
}

/* 0: go on. -1: errno is set, fail. 1: do half of it (for TEAR, and then die). */
static int strike(const char *operation, const char *path)
{
    if (!under_length || strncmp(path, under, under_length) != 0) return 0;
    if (only[0] && strcmp(only, operation) != 0) return 0;
    int number = atomic_fetch_add(&seen, 1) + 1;
    if (how == NOTHING || number < chosen) return 0;
    if (number > chosen && !(sticky && how > 0 && (how != ENOSPC || needs_room(operation)))) return 0;
    if (number == chosen) snprintf(struck, sizeof struck, "%d %s %.4000s", number, operation, path);
    if (how == KILL || how == TEAR) dprintf(2, "struck: %s\n", struck); /* nobody could ask later */
    if (how == KILL) {
        kill(getpid(), SIGKILL);
        pause();
    }
    if (how == TEAR || how == SHORT) return 1;
    errno = how;
    return -1;
}

static void die_if_torn(int half)
{
    if (half == 1 && how == TEAR) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

/* ------------------------------------------------------------------ files by name */

#define BY_NAME(operation, folder, path, call) do { \
        char buffer[PATH_MAX]; \
        int verdict = strike(operation, of_path(folder, path, buffer)); \
        if (verdict < 0) return -1; \
        __typeof__(call) result = (call); \
        die_if_torn(verdict); \
        return result; \
    } while (0)

int rename(const char *from, const char *to) { REAL(rename); BY_NAME("rename", AT_FDCWD, to, real(from, to)); }
int renameat(int a, const char *from, int b, const char *to)
{ REAL(renameat); BY_NAME("rename", b, to, real(a, from, b, to)); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{ REAL(renameat2); BY_NAME("rename", b, to, real(a, from, b, to, flags)); }
int link(const char *from, const char *to) { REAL(link); BY_NAME("link", AT_FDCWD, to, real(from, to)); }
int linkat(int a, const char *from, int b, const char *to, int flags)
{ REAL(linkat); BY_NAME("link", b, to, real(a, from, b, to, flags)); }
int symlink(const char *from, const char *to) { REAL(symlink); BY_NAME("link", AT_FDCWD, to, real(from, to)); }
int symlinkat(const char *from, int b, const char *to)
{ REAL(symlinkat); BY_NAME("link", b, to, real(from, b, to)); }
int unlink(const char *path) { REAL(unlink); BY_NAME("unlink", AT_FDCWD, path, real(path)); }
int unlinkat(int a, const char *path, int flags)
{ REAL(unlinkat); BY_NAME("unlink", a, path, real(a, path, flags)); }
int rmdir(const char *path) { REAL(rmdir); BY_NAME("unlink", AT_FDCWD, path, real(path)); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); BY_NAME("mkdir", AT_FDCWD, path, real(path, mode)); }
int mkdirat(int a, const char *path, mode_t mode)
{ REAL(mkdirat); BY_NAME("mkdir", a, path, real(a, path, mode)); }
int chmod(const char *path, mode_t mode) { REAL(chmod); BY_NAME("chmod", AT_FDCWD, path, real(path, mode)); }
int fchmodat(int a, const char *path, mode_t mode, int flags)
{ REAL(fchmodat); BY_NAME("chmod", a, path, real(a, path, mode, flags)); }
int truncate(const char *path, off_t size)
{ REAL(truncate); BY_NAME("truncate", AT_FDCWD, path, real(path, size)); }
int truncate64(const char *path, off64_t size)
{ REAL(truncate64); BY_NAME("truncate", AT_FDCWD, path, real(path, size)); }

#define MAKES(flags) (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE)
#define MODE(flags) \
    mode_t mode = 0; \
    if (MAKES(flags)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

static int opened(int fd)
{
    if (fd >= 0 && fd < FRESH_FDS) fresh[fd].low = fresh[fd].high = 0;
    return fd;
}

#define OPENING(folder, path, flags, call) do { \
        if (!MAKES(flags) && !((flags) & O_TRUNC)) return opened(call); \
        BY_NAME("open", folder, path, opened(call)); \
    } while (0)

int open(const char *path, int flags, ...)
{ REAL(open); MODE(flags) OPENING(AT_FDCWD, path, flags, real(path, flags, mode)); }
int open64(const char *path, int flags, ...)
{ REAL(open64); MODE(flags) OPENING(AT_FDCWD, path, flags, real(path, flags, mode)); }
int openat(int a, const char *path, int flags, ...)
{ REAL(openat); MODE(flags) OPENING(a, path, flags, real(a, path, flags, mode)); }
int openat64(int a, const char *path, int flags, ...)
{ REAL(openat64); MODE(flags) OPENING(a, path, flags, real(a, path, flags, mode)); }
int creat(const char *path, mode_t mode)
{ REAL(creat); OPENING(AT_FDCWD, path, O_CREAT, real(path, mode)); }

/* ------------------------------------------------------------------ files by descriptor */

#define BY_FD(operation, fd, call) do { \
        char buffer[PATH_MAX]; \
        int verdict = strike(operation, of_fd(fd, buffer)); \
        if (verdict < 0) return -1; \
        __typeof__(call) result = (call); \
        die_if_torn(verdict); \
        return result; \
    } while (0)

static void note(int fd, off_t start, ssize_t count)
{
    if (fd < 0 || fd >= FRESH_FDS || count <= 0) return;
    if (fresh[fd].low == fresh[fd].high || start < fresh[fd].low) fresh[fd].low = start;
    if (start + count > fresh[fd].high) fresh[fd].high = start + count;
}

static size_t half_of(size_t count) { return count > 1 ? count / 2 : count; }

static ssize_t writing(int fd, const struct iovec *parts, int count, off_t start, int placed, int *verdict)
{
    char buffer[PATH_MAX];
    *verdict = strike("write", of_fd(fd, buffer));
    if (*verdict < 0) return -1;
    struct iovec first = parts[0];
    if (*verdict == 1) {
        first.iov_len = half_of(first.iov_len);
        parts = &first;
        count = 1;
    }
    if (!placed) {
        int flags = fcntl(fd, F_GETFL);
        start = flags >= 0 && (flags & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    }
    ssize_t written;
    if (placed) {
        static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
        if (!real_pwritev) real_pwritev = dlsym(RTLD_NEXT, "pwritev");
        written = real_pwritev(fd, parts, count, start);
    } else {
        static ssize_t (*real_writev)(int, const struct iovec *, int);
        if (!real_writev) real_writev = dlsym(RTLD_NEXT, "writev");
        written = real_writev(fd, parts, count);
    }
    if (start >= 0) note(fd, start, written);
    die_if_torn(*verdict);
    return written;
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    if (!under_length) return real(fd, data, size);
    struct iovec part = {(void *)data, size};
    int verdict;
    return writing(fd, &part, 1, 0, 0, &verdict);
}
ssize_t writev(int fd, const struct iovec *parts, int count)
{ int verdict; return writing(fd, parts, count, 0, 0, &verdict); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t start)
{ struct iovec part = {(void *)data, size}; int verdict; return writing(fd, &part, 1, start, 1, &verdict); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t start)
{ struct iovec part = {(void *)data, size}; int verdict; return writing(fd, &part, 1, start, 1, &verdict); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t start)
{ int verdict; return writing(fd, parts, count, start, 1, &verdict); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t start)
{ int verdict; return writing(fd, parts, count, start, 1, &verdict); }

static void lose(int fd)
{
    static const char zeros[4096];
    char buffer[PATH_MAX];
    int saved = errno;
    static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
    if (!real_pwrite) real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    if (fd < 0 || fd >= FRESH_FDS || strstr(of_fd(fd, buffer), ".sqlite")) return;
    /* pwrite on a descriptor opened for appending appends: take one that is not. */
    static int (*real_open)(const char *, int, ...);
    if (!real_open) real_open = dlsym(RTLD_NEXT, "open");
    int other = real_open(buffer, O_WRONLY | O_CLOEXEC);
    for (off_t at = fresh[fd].low; other >= 0 && at < fresh[fd].high;) {
        off_t left = fresh[fd].high - at;
        ssize_t done = real_pwrite(other, zeros, left < 4096 ? (size_t)left : sizeof zeros, at);
        if (done <= 0) break;
        at += done;
    }
    if (other >= 0) close(other);
    errno = saved;
}

#define SYNCING(name) \
    int name(int fd) \
    { \
        REAL(name); \
        char buffer[PATH_MAX]; \
        int verdict = strike("fsync", of_fd(fd, buffer)); \
        if (verdict < 0) { \
            lose(fd); \
            return -1; \
        } \
        int result = real(fd); \
        if (fd >= 0 && fd < FRESH_FDS) fresh[fd].low = fresh[fd].high = 0; \
        die_if_torn(verdict); \
        return result; \
    }
SYNCING(fsync)
SYNCING(fdatasync)

int ftruncate(int fd, off_t size) { REAL(ftruncate); BY_FD("truncate", fd, real(fd, size)); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); BY_FD("truncate", fd, real(fd, size)); }
int fchmod(int fd, mode_t mode) { REAL(fchmod); BY_FD("chmod", fd, real(fd, mode)); }
int fallocate(int fd, int mode, off_t start, off_t size)
{ REAL(fallocate); BY_FD("allocate", fd, real(fd, mode, start, size)); }
int fallocate64(int fd, int mode, off64_t start, off64_t size)
{ REAL(fallocate64); BY_FD("allocate", fd, real(fd, mode, start, size)); }

/* These return the error instead of setting errno. */
#define ALLOCATING(name, type) \
    int name(int fd, type start, type size) \
    { \
        REAL(name); \
        char buffer[PATH_MAX]; \
        int verdict = strike("allocate", of_fd(fd, buffer)); \
        if (verdict < 0) return errno; \
        int result = real(fd, start, size); \
        die_if_torn(verdict); \
        return result; \
    }
ALLOCATING(posix_fallocate, off_t)
ALLOCATING(posix_fallocate64, off64_t)

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags)
{
    REAL(copy_file_range);
    char buffer[PATH_MAX];
    int verdict = strike("write", of_fd(out, buffer));
    if (verdict < 0) return -1;
    ssize_t result = real(in, from, out, to, verdict ? half_of(size) : size, flags);
    die_if_torn(verdict);
    return result;
}

#define SENDING(name, type) \
    ssize_t name(int out, int in, type *from, size_t size) \
    { \
        REAL(name); \
        char buffer[PATH_MAX]; \
        int verdict = strike("write", of_fd(out, buffer)); \
        if (verdict < 0) return -1; \
        ssize_t result = real(out, in, from, verdict ? half_of(size) : size); \
        die_if_torn(verdict); \
        return result; \
    }
SENDING(sendfile, off_t)
SENDING(sendfile64, off64_t)
