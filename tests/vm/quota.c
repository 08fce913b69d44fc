/* quota DEVICE USER KIB - how much a user's files may take of the filesystem on a device; 0 for all of it. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/quota.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    struct dqblk limits = {.dqb_bhardlimit = strtoull(argv[3], NULL, 10), .dqb_valid = QIF_BLIMITS};
    if (quotactl(QCMD(Q_SETQUOTA, USRQUOTA), argv[1], atoi(argv[2]), (caddr_t)&limits) != 0) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
