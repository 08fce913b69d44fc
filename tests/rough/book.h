/* What a host tracked, kept outside the library and outside the host: a file that outlives it, in which it notes before
 * each call what it begins, and after it what was acknowledged. Values and steps follow from their number alone. */
#ifndef BOOK_H
#define BOOK_H

#include "../must.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

enum { METRICS = 4, KEYS = 8, WINDOW = 1024, DEEPEST = 128, JSON = 8 * DEEPEST };
enum { IN_ORDER, LATE, IN_HANDLER, BESIDE };

struct count {
    volatile uint64_t begun, done;
};
struct book {
    volatile char hash[32];
    struct count metrics[METRICS], params;
};
static struct book *book;

static const char *const names[METRICS] = {"in order", "late", "in a handler", "beside"};

static inline uint64_t mix(uint64_t i)
{
    i += 0x9e3779b97f4a7c15u;
    i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9u;
    i = (i ^ i >> 27) * 0x94d049bb133111ebu;
    return i ^ i >> 31;
}

/* Any bits, denormal numbers and NaN among them, and no computation. */
static inline double value(int metric, int64_t step)
{
    uint64_t bits = mix((uint64_t)step << 2 | (uint64_t)metric);
    double made;
    if (bits % 5 == 0)
        bits &= 0x800fffffffffffffu;
    memcpy(&made, &bits, sizeof made);
    return made;
}

/* The step of the i-th point: of a late metric each window comes in an order that jumps about. */
static inline int64_t step_of(int metric, uint64_t i)
{
    if (metric != LATE)
        return (int64_t)i;
    uint64_t in = i % WINDOW, out = 0;
    for (int bit = 1; bit < WINDOW; bit <<= 1, in >>= 1)
        out = out << 1 | (in & 1);
    return (int64_t)(i - i % WINDOW + out);
}

/* The n-th param: the number in so many lists, of which some are too many. */
static inline int depth_of(uint64_t n)
{
    static const int depths[] = {0, 1, DEEPEST - 2, DEEPEST - 1, 3 * DEEPEST, 9, DEEPEST, 17};
    return depths[mix(n) % (sizeof depths / sizeof depths[0])];
}

static inline void param_json(uint64_t n, char json[JSON])
{
    int depth = depth_of(n), at = 0;
    memset(json, '[', (size_t)depth);
    at = depth + snprintf(json + depth, (size_t)(JSON - depth), "%llu", (unsigned long long)n);
    memset(json + at, ']', (size_t)depth);
    json[at + depth] = '\0';
}

static inline void map_book(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, sizeof *book) != 0)
        exit(3);
    book = mmap(NULL, sizeof *book, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (book == MAP_FAILED)
        exit(3);
    close(file);
}

#endif
