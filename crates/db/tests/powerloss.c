// The loss of power, simulated. A program that runs with this preloaded writes into the folder POWERLOSS_OF as ever; the
// folder POWERLOSS_LEAVES meanwhile holds what a disk would hold if the power went now:
//   - bytes are there once their file was synced (fsync, fdatasync), and a third of them sooner, as a kernel may write
//     back what it likes in any order;
//   - a new file's name is there, and a removed file's name is gone, once the folder itself was synced.
// Killing the program is then the loss of power, and the second folder is what the machine starts with again.
//
// Left out: the index of the log (`-shm`), which is mapped rather than written and made anew after a crash; and calls
// that the engine does not use on its files (rename, writev, writes through a mapping).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FILES 32

// Something that was done to a file and not yet synced.
struct change {
    struct change *next;
    bool truncates;
    off_t at;
    size_t length;
    char bytes[];
};

struct file {
    char name[80];
    int number;
    int shadow;      // -1: this place in the table is free
    bool is_named;   // its name in the second folder is this file's, not that of one that was removed
    bool is_removed; // and the second folder does not know it yet
    struct change *first, **last;
};

static struct file files[FILES];
static int files_made;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
    for (int i = 0; i < FILES; i++) files[i].shadow = -1;
}

static void fail(const char *what) {
    perror(what);
    abort();
}

// Where a file is in the second folder: under its name, or, as long as the folder is not synced, under a number.
static void shadow_path(char *path, size_t size, const struct file *file, bool named) {
    const char *leaves = getenv("POWERLOSS_LEAVES");
    if (named) snprintf(path, size, "%s/%s", leaves, file->name);
    else snprintf(path, size, "%s/%d.unnamed", leaves, file->number);
}

// The name of a path within the watched folder; null for any other, and "" for the folder itself.
static const char *watched(const char *path) {
    const char *of = getenv("POWERLOSS_OF");
    size_t length = of ? strlen(of) : 0;
    if (!of || strncmp(path, of, length)) return NULL;
    if (!path[length]) return "";
    if (path[length] != '/' || strchr(path + length + 1, '/')) return NULL;
    const char *name = path + length + 1;
    return strstr(name, "-shm") || strstr(name, " (deleted)") ? NULL : name;
}

static const char *watched_fd(int fd, char *path, size_t size) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    return watched(path);
}

static struct file *file_of(const char *name) {
    struct file *file = NULL;
    for (int i = 0; i < FILES; i++) {
        if (files[i].shadow >= 0 && !files[i].is_removed && !strcmp(files[i].name, name)) return &files[i];
        if (files[i].shadow < 0) file = &files[i];
    }
    if (!file) fail("powerloss: too many files");
    // A removed file of the same name that the disk still knows: this one is another.
    bool is_new = false;
    for (int i = 0; i < FILES; i++) is_new |= files[i].shadow >= 0 && !strcmp(files[i].name, name);
    memset(file, 0, sizeof *file);
    snprintf(file->name, sizeof file->name, "%s", name);
    file->number = files_made++;
    file->last = &file->first;
    char path[4096];
    shadow_path(path, sizeof path, file, true);
    file->shadow = is_new ? -1 : open(path, O_RDWR | O_CLOEXEC);
    file->is_named = file->shadow >= 0;
    shadow_path(path, sizeof path, file, false);
    if (!file->is_named) file->shadow = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->shadow < 0) fail(path);
    return file;
}

static void changed(int fd, const void *bytes, size_t length, off_t at) {
    static unsigned seed = 1;
    char path[4096];
    const char *name = watched_fd(fd, path, sizeof path);
    if (!name || !*name) return;
    pthread_mutex_lock(&lock);
    struct file *file = file_of(name);
    struct change *change = malloc(sizeof *change + (bytes ? length : 0));
    if (!change) fail("powerloss");
    *change = (struct change){.truncates = !bytes, .at = at, .length = length};
    if (bytes) memcpy(change->bytes, bytes, length);
    *file->last = change;
    file->last = &change->next;
    if (bytes && rand_r(&seed) % 3 == 0) REAL(pwrite)(file->shadow, bytes, length, at);
    pthread_mutex_unlock(&lock);
}

static void forget(struct file *file, bool apply) {
    for (struct change *change = file->first, *next; change; change = next) {
        next = change->next;
        if (apply && change->truncates) REAL(ftruncate)(file->shadow, change->at);
        else if (apply) REAL(pwrite)(file->shadow, change->bytes, change->length, change->at);
        free(change);
    }
    file->first = NULL;
    file->last = &file->first;
}

static void names_synced(void) {
    char path[4096], named[4096];
    for (int i = 0; i < FILES; i++) {
        if (files[i].shadow < 0 || !files[i].is_removed) continue;
        shadow_path(path, sizeof path, &files[i], files[i].is_named);
        REAL(unlink)(path);
        close(files[i].shadow);
        files[i].shadow = -1;
    }
    for (int i = 0; i < FILES; i++) {
        if (files[i].shadow < 0 || files[i].is_named) continue;
        shadow_path(path, sizeof path, &files[i], false);
        shadow_path(named, sizeof named, &files[i], true);
        if (rename(path, named)) fail(named);
        files[i].is_named = true;
    }
}

// The lock is held over the sync itself, so that no change is taken for synced that came while it ran.
static int synced(int fd, int (*sync)(int)) {
    char path[4096];
    const char *name = watched_fd(fd, path, sizeof path);
    if (!name) return sync(fd);
    pthread_mutex_lock(&lock);
    int result = sync(fd);
    int error = errno;
    if (!result && *name) forget(file_of(name), true);
    else if (!result) names_synced();
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

int unlink(const char *path) {
    int result = REAL(unlink)(path);
    const char *name = watched(path);
    if (result || !name) return result;
    pthread_mutex_lock(&lock);
    struct file *file = file_of(name);
    forget(file, false);
    file->is_removed = true;
    pthread_mutex_unlock(&lock);
    return 0;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    ssize_t written = REAL(write)(fd, bytes, length);
    int error = errno;
    if (written > 0) changed(fd, bytes, written, lseek(fd, 0, SEEK_CUR) - written);
    errno = error;
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    ssize_t written = REAL(pwrite)(fd, bytes, length, at);
    int error = errno;
    if (written > 0) changed(fd, bytes, written, at);
    errno = error;
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return pwrite(fd, bytes, length, at); }

int ftruncate(int fd, off_t size) {
    int result = REAL(ftruncate)(fd, size);
    int error = errno;
    if (!result) changed(fd, NULL, 0, size);
    errno = error;
    return result;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
