/* The context {"data_name": NAME}, for xgboost.h and lightgbm.h. */
#ifndef AIM_DATA_NAME_H
#define AIM_DATA_NAME_H

#include <stddef.h>

/* Writes it as JSON into `out` of `size` bytes, two at least; false if it does not fit. */
static inline int aim_data_name(char *out, size_t size, const char *name)
{
    static const char digits[] = "0123456789abcdef";
    const char *parts[3];
    char *at = out, *const end = out + size - 1;
    int i;
    parts[0] = "{\"data_name\":\"", parts[1] = name, parts[2] = "\"}";
    for (i = 0; i < 3; i++) {
        const char *c;
        for (c = parts[i]; *c; c++) {
            const unsigned char byte = (unsigned char)*c;
            if (end - at < 6) return 0;
            if (i == 1 && byte < 0x20) {
                *at++ = '\\', *at++ = 'u', *at++ = '0', *at++ = '0', *at++ = digits[byte >> 4], *at++ = digits[byte & 15];
                continue;
            }
            if (i == 1 && (byte == '"' || byte == '\\')) *at++ = '\\';
            *at++ = *c;
        }
    }
    *at = 0;
    return 1;
}

#endif
