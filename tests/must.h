/* Calls that have to succeed: MUST(aim_run_close, run) ends the program with 10 + aim_status and a message if not. */
#ifndef MUST_H
#define MUST_H

#define _GNU_SOURCE
#include <aim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUST(function, ...)                                                                                            \
    do {                                                                                                               \
        aim_error *err_ = NULL;                                                                                        \
        aim_status status_ = function(__VA_ARGS__, &err_);                                                             \
        if (status_ != AIM_OK) {                                                                                       \
            fprintf(stderr, "%s: %s\n", #function, aim_error_message(err_));                                           \
            exit(10 + status_);                                                                                        \
        }                                                                                                              \
    } while (0)

#endif
