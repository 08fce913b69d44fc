/* What the Go package calls: the C API, and what Go cannot say to it directly. */
#ifndef AIM_GO_CAPI_H
#define AIM_GO_CAPI_H

/* The Arrow C Stream Interface, as the specification defines it. */
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
#endif

#include <aim.h>

/* Lets the cgo.Handle of a *progress be told how far a query is. */
void aim_go_watch(aim_query_options *options, uintptr_t handle);

/* Sends messages of `level` and above to aimGoLog; none, where `level` is 0. */
void aim_go_listen(int32_t level);

/* Lets the cgo.Handle of a *loan be told when the memory is not needed any more. */
void aim_go_lend(aim_release *release, void **userdata, uintptr_t handle);

/* What identifies a row; NULL what it does not have. */
typedef struct {
    const char *hash, *name, *context;
} aim_go_row;
aim_go_row aim_go_query_row(const aim_query *query, size_t i);

/* Releases a stream that nobody has taken over. */
void aim_go_release_stream(struct ArrowArrayStream *stream);

#endif
