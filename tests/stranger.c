/* What another user on the machine can do to files that are none of his business.
 *
 *     stranger lock DIR      takes every lock that the kernel gives him on every file and directory below DIR, prints
 *                            "locked N" and keeps them until its input ends */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int locked;

static int lock(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    int file = open(path, O_RDONLY | O_NONBLOCK);
    if (file < 0)
        return 0;
    struct flock part = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    locked += fcntl(file, F_SETLK, &part) == 0;
    locked += flock(file, LOCK_EX | LOCK_NB) == 0;
    return 0; /* stays open */
}

int main(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "lock") != 0)
        return 2;
    nftw(argv[2], lock, 16, FTW_PHYS);
    printf("locked %d\n", locked);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
