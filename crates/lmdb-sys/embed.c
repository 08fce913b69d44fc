/* LMDB, and what its host needs beside it. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

/* What LMDB takes for its process id: the number that this thread chose, or else the process id. */
static __thread int chosen;

static pid_t number(void) { return chosen ? chosen : getpid(); }

/* Writes of which the system takes a part go on with the rest: so it says what stops them, a full disk or a limit on files,
 * which LMDB would call an input/output error. */
static ssize_t write_whole(int file, const void *bytes, size_t size, off_t at)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pwrite(file, (const char *)bytes + done, size - done, at + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got;
        done += (size_t)got;
    }
    return (ssize_t)size;
}

/* The same from where the file stands. */
static ssize_t write_parts(int file, const struct iovec *parts, int count)
{
    ssize_t begun = writev(file, parts, count), all = begun;
    if (begun < 0)
        return begun;
    for (; count > 0; parts++, count--) {
        size_t done = (size_t)begun < parts->iov_len ? (size_t)begun : parts->iov_len;
        begun -= (ssize_t)done;
        while (done < parts->iov_len) {
            ssize_t got = write(file, (const char *)parts->iov_base + done, parts->iov_len - done);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return got;
            done += (size_t)got;
            all += got;
        }
    }
    return all;
}

#define getpid number
#define pwrite write_whole
#define writev write_parts
#include "lmdb/mdb.c"
#undef writev
#undef pwrite
#undef getpid

void embed_lmdb_choose_number(int n) { chosen = n; }

/* The descriptors of the data file, of the data file opened for the meta pages, and of the lock file; -1 for none. */
void embed_lmdb_files(const MDB_env *env, int files[3])
{
    files[0] = env->me_fd;
    files[1] = env->me_mfd;
    files[2] = env->me_lfd;
}

/* Puts others in their place. The environment does not close the ones before. */
void embed_lmdb_set_files(MDB_env *env, const int files[3])
{
    env->me_fd = files[0];
    env->me_mfd = files[1];
    env->me_lfd = files[2];
}

/* Takes the record locks on the lock file again, which went with its descriptor: that of a process that uses the
 * environment, and that of its number, if it has begun a transaction. Returns 0 or an error of the system. */
int embed_lmdb_lock_again(MDB_env *env)
{
    struct flock use;
    memset(&use, 0, sizeof use);
    use.l_type = F_RDLCK;
    use.l_whence = SEEK_SET;
    use.l_len = 1;
    while (fcntl(env->me_lfd, F_SETLKW, &use) != 0)
        if (errno != EINTR)
            return errno;
    return env->me_live_reader ? mdb_reader_pid(env, Pidset, env->me_pid) : 0;
}

/* After a meta page could not be written for want of room, nothing of it was, and the environment is as it was before: LMDB
 * would not use it again. */
void embed_lmdb_go_on(MDB_env *env) { env->me_flags &= ~MDB_FATAL_ERROR; }
