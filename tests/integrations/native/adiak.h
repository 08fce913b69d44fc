/* As much of Adiak's interface as our header and its example use, with its values: Debian has no Adiak. */
#ifndef ADIAK_H
#define ADIAK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADIAK_HAVE_LONGLONG 1
#define ADIAK_HAVE_JSONSTRING 1

enum { adiak_category_all = 1, adiak_general, adiak_performance, adiak_control };

typedef enum {
    adiak_type_unset,
    adiak_long,
    adiak_ulong,
    adiak_int,
    adiak_uint,
    adiak_double,
    adiak_date,
    adiak_timeval,
    adiak_version,
    adiak_string,
    adiak_catstring,
    adiak_path,
    adiak_range,
    adiak_set,
    adiak_list,
    adiak_tuple,
    adiak_longlong,
    adiak_ulonglong,
    adiak_jsonstring
} adiak_type_t;

typedef struct adiak_datatype_t {
    adiak_type_t dtype;
    int numerical, num_elements, num_subtypes;
    struct adiak_datatype_t **subtype;
    int is_reference, num_ref_elements;
    size_t num_bytes;
} adiak_datatype_t;

typedef union adiak_value_t {
    long v_long;
    int v_int;
    short v_short;
    char v_char;
    double v_double;
    void *v_ptr;
    union adiak_value_t *v_subval;
    long long v_longlong;
} adiak_value_t;

void adiak_init(void *communicator);
int adiak_namevalue(const char *name, int category, const char *subcategory, const char *type, ...);
void adiak_fini(void);

#ifdef __cplusplus
}
#endif
#endif
