/* Writes down, in their order, all changes that a process makes to the files below a folder.
 *
 * Built as a shared library and preloaded. DISK_LOG_ROOT names the folder, DISK_LOG_MARKS a file
 * whose lines are written down as marks, DISK_LOG the log. One lock is held over each call and its
 * record, so that the log has the order in which the calls were made.
 *
 * A record: operation (1 byte), inode, offset, length of the first and of the second text or data
 * (8, 8, 4, 4 bytes, little endian), then these.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *marks;
static size_t root_length;
static int log_handle = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("DISK_LOG");
    root = getenv("DISK_LOG_ROOT");
    marks = getenv("DISK_LOG_MARKS");
    if (!path || !root || !marks) return;
    root_length = strlen(root);
    int handle = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log_handle = fcntl(handle, F_DUPFD_CLOEXEC, 700);
    syscall(SYS_close, handle);
}

static int inside(const char *path) {
    return log_handle >= 0 && !strncmp(path, root, root_length) && path[root_length] == '/';
}

static void record(char operation, uint64_t inode, int64_t offset, const void *first,
                   uint32_t first_length, const void *second, uint32_t second_length) {
    char head[25];
    head[0] = operation;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &first_length, 4);
    memcpy(head + 21, &second_length, 4);
    struct iovec parts[3] = {
        {head, sizeof head}, {(void *)first, first_length}, {(void *)second, second_length}};
    int before = errno;
    size_t all = sizeof head + first_length + second_length;
    if (syscall(SYS_writev, log_handle, parts, 3) != (long)all) abort();
    errno = before;
}

/* The whole path of a name beside a folder's handle, as the kernel would take it. */
static const char *whole(int folder, const char *name, char *room) {
    if (name[0] == '/') return name;
    char link[64];
    if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, room, PATH_MAX - 1);
    if (length < 0) length = 0;
    snprintf(room + length, PATH_MAX - length, "/%s", name);
    return room;
}

/* 'M' for the marks, 'F' for a file and 'D' for a folder inside, 0 for anything else. */
static char known(int handle, struct stat *about, char *path) {
    char link[64];
    if (log_handle < 0 || fstat(handle, about)) return 0;
    if (!S_ISREG(about->st_mode) && !S_ISDIR(about->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strcmp(path, marks)) return 'M';
    if (S_ISDIR(about->st_mode)) return inside(path) || !strcmp(path, root) ? 'D' : 0;
    return inside(path) ? 'F' : 0;
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char room[PATH_MAX];
    const char *path = whole(folder, name, room);
    if (!inside(path)) return syscall(SYS_openat, folder, name, flags, mode);
    struct stat before, after;
    pthread_mutex_lock(&alone);
    int was = !stat(path, &before);
    int handle = syscall(SYS_openat, folder, name, flags, mode);
    if (handle >= 0 && !fstat(handle, &after) && S_ISREG(after.st_mode)) {
        if (!was) record('C', after.st_ino, 0, path, strlen(path), "", 0);
        else if (flags & O_TRUNC) record('T', after.st_ino, 0, "", 0, "", 0);
    }
    pthread_mutex_unlock(&alone);
    return handle;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags) return opened(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags) return opened(folder, name, flags, mode); }

static ssize_t written(int handle, const void *data, size_t size, int64_t offset) {
    struct stat about;
    char path[PATH_MAX];
    char kind = known(handle, &about, path);
    int placed = offset >= 0;
    if (kind != 'F' && kind != 'M')
        return placed ? syscall(SYS_pwrite64, handle, data, size, offset)
                      : syscall(SYS_write, handle, data, size);
    pthread_mutex_lock(&alone);
    if (!placed) {
        fstat(handle, &about);
        int appends = fcntl(handle, F_GETFL) & O_APPEND;
        offset = appends ? about.st_size : syscall(SYS_lseek, handle, 0, SEEK_CUR);
    }
    ssize_t done = placed ? syscall(SYS_pwrite64, handle, data, size, offset)
                          : syscall(SYS_write, handle, data, size);
    if (done > 0) record(kind == 'M' ? 'K' : 'W', about.st_ino, offset, data, done, "", 0);
    pthread_mutex_unlock(&alone);
    return done;
}

ssize_t write(int handle, const void *data, size_t size) { return written(handle, data, size, -1); }
ssize_t pwrite(int handle, const void *data, size_t size, off_t at) { return written(handle, data, size, at); }
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t at) { return written(handle, data, size, at); }

ssize_t writev(int handle, const struct iovec *parts, int count) {
    ssize_t all = 0;
    for (int n = 0; n < count; n++) {
        ssize_t done = written(handle, parts[n].iov_base, parts[n].iov_len, -1);
        if (done < 0) return all ? all : done;
        all += done;
        if ((size_t)done < parts[n].iov_len) break;
    }
    return all;
}

/* Whoever copies by these falls back to reading and writing. */
ssize_t sendfile(int out, int in, off_t *at, size_t size) { errno = EINVAL; return -1; }
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) { errno = EINVAL; return -1; }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) { errno = EXDEV; return -1; }

static int cut(int handle, int64_t size) {
    struct stat about;
    char path[PATH_MAX];
    char kind = known(handle, &about, path);
    pthread_mutex_lock(&alone);
    int failed = syscall(SYS_ftruncate, handle, size);
    if (!failed && kind == 'F') record('T', about.st_ino, size, "", 0, "", 0);
    pthread_mutex_unlock(&alone);
    return failed;
}

int ftruncate(int handle, off_t size) { return cut(handle, size); }
int ftruncate64(int handle, off64_t size) { return cut(handle, size); }

static int synced(int handle, long call) {
    struct stat about;
    char path[PATH_MAX];
    char kind = known(handle, &about, path);
    pthread_mutex_lock(&alone);
    int failed = syscall(call, handle);
    if (!failed && kind == 'F') record('S', about.st_ino, 0, "", 0, "", 0);
    if (!failed && kind == 'D') record('D', about.st_ino, 0, path, strlen(path), "", 0);
    pthread_mutex_unlock(&alone);
    return failed;
}

int fsync(int handle) { return synced(handle, SYS_fsync); }
int fdatasync(int handle) { return synced(handle, SYS_fdatasync); }

static int paired(char operation, int from, const char *old, int to, const char *new, unsigned flags) {
    char first_room[PATH_MAX], second_room[PATH_MAX];
    const char *first = whole(from, old, first_room), *second = whole(to, new, second_room);
    struct stat about;
    pthread_mutex_lock(&alone);
    int seen = !lstat(first, &about);
    int failed = operation == 'R' ? syscall(SYS_renameat2, from, old, to, new, flags)
                                  : syscall(SYS_linkat, from, old, to, new, flags);
    if (!failed && seen && inside(second))
        record(operation, about.st_ino, 0, first, strlen(first), second, strlen(second));
    pthread_mutex_unlock(&alone);
    return failed;
}

int rename(const char *old, const char *new) { return paired('R', AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return paired('R', from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { return paired('R', from, old, to, new, flags); }
int link(const char *old, const char *new) { return paired('L', AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int from, const char *old, int to, const char *new, int flags) { return paired('L', from, old, to, new, flags); }

static int removed(int folder, const char *name, int flags) {
    char room[PATH_MAX];
    const char *path = whole(folder, name, room);
    pthread_mutex_lock(&alone);
    int failed = syscall(SYS_unlinkat, folder, name, flags);
    if (!failed && inside(path)) record('U', 0, 0, path, strlen(path), "", 0);
    pthread_mutex_unlock(&alone);
    return failed;
}

int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int folder, const char *name, int flags) { return removed(folder, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }

static int made(int folder, const char *name, mode_t mode) {
    char room[PATH_MAX];
    const char *path = whole(folder, name, room);
    pthread_mutex_lock(&alone);
    int failed = syscall(SYS_mkdirat, folder, name, mode);
    if (!failed && inside(path)) record('M', 0, 0, path, strlen(path), "", 0);
    pthread_mutex_unlock(&alone);
    return failed;
}

int mkdir(const char *name, mode_t mode) { return made(AT_FDCWD, name, mode); }
int mkdirat(int folder, const char *name, mode_t mode) { return made(folder, name, mode); }
