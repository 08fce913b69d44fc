/*
 * Adiak: what a program says of itself to tools becomes params of a run.
 *
 *     #include <aim/adiak.h>
 *
 *     adiak_init(NULL);
 *     adiak_namevalue("problem size", adiak_general, NULL, "%d", 512);
 *     aim_adiak_params(run, &err);
 *
 * With the interface of Adiak 0.2 to 0.5; needs its headers. C99, and C++11.
 */
#ifndef AIM_ADIAK_H
#define AIM_ADIAK_H

#include <aim.h>

#include <adiak_tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>


/* JSON that grows; `size` is SIZE_MAX when there was no memory for it. */
typedef struct aim_adiak_text {
    char *text;
    size_t used, size;
} aim_adiak_text;

static inline void aim_adiak_put(aim_adiak_text *out, const char *text, size_t length)
{
    if (out->size == (size_t)-1) return;
    if (out->used + length >= out->size) {
        const size_t size = 2 * (out->used + length) + 64;
        char *const grown = (char *)realloc(out->text, size);
        if (!grown) {
            out->size = (size_t)-1;
            return;
        }
        out->text = grown, out->size = size;
    }
    memcpy(out->text + out->used, text, length);
    out->used += length;
    out->text[out->used] = 0;
}

static inline void aim_adiak_put_text(aim_adiak_text *out, const char *text)
{
    char escaped[8];
    aim_adiak_put(out, "\"", 1);
    for (; text && *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20) snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\') snprintf(escaped, sizeof escaped, "\\%c", *text);
        else snprintf(escaped, sizeof escaped, "%c", *text);
        aim_adiak_put(out, escaped, strlen(escaped));
    }
    aim_adiak_put(out, "\"", 1);
}

/* The greatest depth of lists in lists. */
#define AIM_ADIAK_DEPTH 32

static inline void aim_adiak_put_value(aim_adiak_text *out, adiak_value_t *value, adiak_datatype_t *type, int depth)
{
    char number[64] = "null";
    double seconds;
    switch (type->dtype) {
    case adiak_long:
    case adiak_date: snprintf(number, sizeof number, "%ld", value->v_long); break;
    case adiak_ulong: snprintf(number, sizeof number, "%lu", (unsigned long)value->v_long); break;
    case adiak_int: snprintf(number, sizeof number, "%d", value->v_int); break;
    case adiak_uint: snprintf(number, sizeof number, "%u", (unsigned)value->v_int); break;
    case adiak_double:
        if (value->v_double != value->v_double) strcpy(number, "NaN");
        else if (value->v_double - value->v_double != 0) strcpy(number, value->v_double > 0 ? "Infinity" : "-Infinity");
        else snprintf(number, sizeof number, "%.17g", value->v_double);
        break;
    case adiak_timeval:
        seconds = value->v_ptr ? (double)((struct timeval *)value->v_ptr)->tv_sec + (double)((struct timeval *)value->v_ptr)->tv_usec / 1e6 : 0;
        snprintf(number, sizeof number, "%.17g", seconds);
        break;
    case adiak_version:
    case adiak_string:
    case adiak_catstring:
    case adiak_path: aim_adiak_put_text(out, (const char *)value->v_ptr); return;
    case adiak_range:
    case adiak_set:
    case adiak_list:
    case adiak_tuple:
        aim_adiak_put(out, "[", 1);
        for (int i = 0; i < adiak_num_subvals(type) && depth < AIM_ADIAK_DEPTH; i++) {
            adiak_datatype_t *of = NULL;
            adiak_value_t one;
            if (adiak_get_subval(type, value, i, &of, &one) != 0 || !of) break;
            if (i) aim_adiak_put(out, ",", 1);
            aim_adiak_put_value(out, &one, of, depth + 1);
        }
        aim_adiak_put(out, "]", 1);
        return;
    default:
#ifdef ADIAK_HAVE_LONGLONG
        if (type->dtype == adiak_longlong) snprintf(number, sizeof number, "%lld", value->v_longlong);
        if (type->dtype == adiak_ulonglong) snprintf(number, sizeof number, "%llu", (unsigned long long)value->v_longlong);
#endif
#ifdef ADIAK_HAVE_JSONSTRING
        if (type->dtype == adiak_jsonstring) {
            aim_adiak_put_text(out, (const char *)value->v_ptr);
            return;
        }
#endif
        break;
    }
    aim_adiak_put(out, number, strlen(number));
}

static inline void aim_adiak_each(const char *name, int category, const char *subcategory, adiak_value_t *value,
                                  adiak_datatype_t *type, void *into)
{
    aim_adiak_text *const out = (aim_adiak_text *)into;
    (void)subcategory;
    if (category == adiak_control || !type || type->dtype == adiak_type_unset) return;
    aim_adiak_put(out, out->used > 1 ? "," : "", out->used > 1);
    aim_adiak_put_text(out, name);
    aim_adiak_put(out, ":", 1);
    aim_adiak_put_value(out, value, type, 0);
}

/* All names and values that Adiak knows by now become the param `adiak`: {"problem size": 512, ...}. Numbers are numbers,
 * texts, paths and versions texts, ranges, sets, lists and tuples lists; a time is a number of seconds, a date one since 1970.
 * Calling it again, as at the end, replaces what was there. Errors are those of aim_run_set_param(). */
static inline aim_status aim_adiak_params(aim_run *run, aim_error **err)
{
    aim_adiak_text out = {NULL, 0, 0};
    aim_adiak_put(&out, "{", 1);
    adiak_list_namevals(1, adiak_category_all, aim_adiak_each, &out);
    aim_adiak_put(&out, "}", 1);
    /* Without memory the text is cut: an error of JSON tells. */
    const aim_status status = aim_run_set_param(run, "adiak", out.text ? out.text : "", err);
    free(out.text);
    return status;
}

#endif
