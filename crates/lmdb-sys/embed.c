/* LMDB, and what its host needs beside it. */
#include <unistd.h>

/* What LMDB takes for its process id: the number that this thread chose, or else the process id. */
static __thread int chosen;

static pid_t number(void) { return chosen ? chosen : getpid(); }

#define getpid number
#include "lmdb/mdb.c"
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
