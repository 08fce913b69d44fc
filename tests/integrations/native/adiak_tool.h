/* The part of the stub of Adiak that tools use. */
#ifndef ADIAK_TOOL_H
#define ADIAK_TOOL_H

#include "adiak.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*adiak_nameval_cb_t)(const char *name, int category, const char *subcategory, adiak_value_t *value,
                                   adiak_datatype_t *type, void *into);
void adiak_list_namevals(int version, int category, adiak_nameval_cb_t each, void *into);
int adiak_num_subvals(adiak_datatype_t *type);
int adiak_get_subval(adiak_datatype_t *type, adiak_value_t *value, int i, adiak_datatype_t **subtype, adiak_value_t *subvalue);

#ifdef __cplusplus
}
#endif
#endif
