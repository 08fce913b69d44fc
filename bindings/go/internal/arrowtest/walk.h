/* The structs of Arrow's C Data and Stream Interfaces, as specified, and calls of their members. */
#ifndef ARROWTEST_WALK_H
#define ARROWTEST_WALK_H

#include <stdint.h>

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

static inline int next_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) { return s->get_schema(s, out); }
static inline int next_array(struct ArrowArrayStream *s, struct ArrowArray *out) { return s->get_next(s, out); }
static inline const char *last_error(struct ArrowArrayStream *s) { return s->get_last_error(s); }
static inline void release_stream(struct ArrowArrayStream *s) { s->release(s); }
static inline void release_schema(struct ArrowSchema *s) { s->release(s); }
static inline void release_array(struct ArrowArray *a) { a->release(a); }

#endif
