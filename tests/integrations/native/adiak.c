/* A stub of Adiak: it keeps what it is given. Of lists it knows those of texts, {%s}. */
#include "adiak_tool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

static struct {
    const char *name;
    int category;
    adiak_value_t value;
    adiak_datatype_t type;
} kept[MOST];
static int count;

void adiak_init(void *communicator) { (void)communicator; }
void adiak_fini(void) { count = 0; }

int adiak_namevalue(const char *name, int category, const char *subcategory, const char *type, ...)
{
    static adiak_datatype_t text = {adiak_string, 0, 0, 0, NULL, 0, 0, 0};
    static adiak_datatype_t *texts[] = {&text};
    static const char letters[] = "lu..fDtvsrp";
    (void)subcategory;
    if (count == MOST) return -1;
    va_list given;
    va_start(given, type);
    adiak_value_t *const value = &kept[count].value;
    adiak_datatype_t *const of = &kept[count].type;
    memset(of, 0, sizeof *of);
    if (strcmp(type, "{%s}") == 0) {
        char **const all = va_arg(given, char **);
        of->dtype = adiak_list, of->num_elements = va_arg(given, int), of->num_subtypes = 1, of->subtype = texts;
        value->v_subval = calloc((size_t)of->num_elements, sizeof *value);
        for (int i = 0; value->v_subval && i < of->num_elements; i++) value->v_subval[i].v_ptr = all[i];
    } else if (strcmp(type, "%d") == 0) {
        of->dtype = adiak_int, value->v_int = va_arg(given, int);
    } else if (strcmp(type, "%f") == 0) {
        of->dtype = adiak_double, value->v_double = va_arg(given, double);
    } else {
        const char *const letter = strchr(letters, type[1]);
        of->dtype = letter ? (adiak_type_t)(adiak_long + (letter - letters)) : adiak_type_unset;
        value->v_ptr = va_arg(given, void *);
    }
    va_end(given);
    kept[count].name = name, kept[count++].category = category;
    return 0;
}

void adiak_list_namevals(int version, int category, adiak_nameval_cb_t each, void *into)
{
    (void)version;
    for (int i = 0; i < count; i++)
        if (category == adiak_category_all || category == kept[i].category)
            each(kept[i].name, kept[i].category, NULL, &kept[i].value, &kept[i].type, into);
}

int adiak_num_subvals(adiak_datatype_t *type) { return type->num_elements; }

int adiak_get_subval(adiak_datatype_t *type, adiak_value_t *value, int i, adiak_datatype_t **subtype, adiak_value_t *subvalue)
{
    if (i < 0 || i >= type->num_elements) return -1;
    *subtype = type->subtype[0], *subvalue = value->v_subval[i];
    return 0;
}
