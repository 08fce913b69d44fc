/* Params: what is set comes back, as JSON, from the run and from a query. */
#include "check.h"

static aim_run *run;

#define PARAM_IS(key, want)                                                                                            \
    do {                                                                                                               \
        char *json_ = NULL;                                                                                            \
        EXPECT(AIM_OK, aim_run_get_param_json, run, key, AIM_JSON_WORDS, &json_);                                      \
        CHECK_OWNED(json_, want);                                                                                      \
    } while (0)

static void scalars(void)
{
    EXPECT(AIM_OK, aim_run_set_param_int64, run, "small", INT64_MIN);
    EXPECT(AIM_OK, aim_run_set_param_int64, run, "large", INT64_MAX);
    EXPECT(AIM_OK, aim_run_set_param_double, run, "tenth", 0.1);
    EXPECT(AIM_OK, aim_run_set_param_double, run, "whole", 3.0);
    EXPECT(AIM_OK, aim_run_set_param_double, run, "nan", (double)NAN);
    EXPECT(AIM_OK, aim_run_set_param_double, run, "infinite", -(double)INFINITY);
    EXPECT(AIM_OK, aim_run_set_param_bool, run, "yes", true);
    EXPECT(AIM_OK, aim_run_set_param_bool, run, "no", false);
    EXPECT(AIM_OK, aim_run_set_param_string, run, "text", "p\xc3\xa4per \"q\" \n");
    EXPECT(AIM_OK, aim_run_set_param_string, run, "empty", "");
    EXPECT(AIM_OK, aim_run_set_param_null, run, "nothing");
    PARAM_IS("small", "-9223372036854775808");
    PARAM_IS("large", "9223372036854775807");
    PARAM_IS("tenth", "0.1");
    PARAM_IS("whole", "3.0");
    PARAM_IS("nan", "NaN");
    PARAM_IS("infinite", "-Infinity");
    PARAM_IS("yes", "true");
    PARAM_IS("no", "false");
    PARAM_IS("text", "\"p\xc3\xa4per \\\"q\\\" \\n\"");
    PARAM_IS("empty", "\"\"");
    PARAM_IS("nothing", "null");
}

static void documents(void)
{
    EXPECT(AIM_OK, aim_run_set_param, run, "tree", "{\"a\": {\"b\": [1, 2.5, \"x\", null, true]}, \"n\": NaN}");
    PARAM_IS("/tree/a/b/0", "1");
    PARAM_IS("/tree/a/b/1", "2.5");
    PARAM_IS("/tree/a/b/2", "\"x\"");
    PARAM_IS("/tree/a/b/3", "null");
    PARAM_IS("/tree/a/b/4", "true");
    PARAM_IS("/tree/n", "NaN");

    /* A JSON Pointer creates the levels that are missing and leaves the neighbours alone. */
    EXPECT(AIM_OK, aim_run_set_param_double, run, "/tree/a/c", 0.5);
    PARAM_IS("/tree/a/c", "0.5");
    PARAM_IS("/tree/a/b/0", "1");
    EXPECT(AIM_OK, aim_run_set_param_int64, run, "/fresh/deep/value", 7);
    PARAM_IS("/fresh/deep/value", "7");

    /* Setting a key replaces everything below it. */
    EXPECT(AIM_OK, aim_run_set_param, run, "tree", "{\"a\": 1}");
    PARAM_IS("/tree/a", "1");
    char *json = NULL;
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "/tree/n", &json);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "/tree/a/b", &json);
    CHECK(json == NULL);

    /* A key is literal unless it begins with '/'; in a pointer, ~1 is '/' and ~0 is '~'. */
    EXPECT(AIM_OK, aim_run_set_param, run, "dotted.key", "1");
    PARAM_IS("dotted.key", "1");
    EXPECT(AIM_OK, aim_run_set_param, run, "/a~1b~0c", "2");
    PARAM_IS("/a~1b~0c", "2");
    PARAM_IS("a/b~c", "2");

    EXPECT(AIM_OK, aim_run_set_param, run, "hollow", "{\"list\": [], \"object\": {}}");
    PARAM_IS("/hollow/list", "[]");
    PARAM_IS("/hollow/object", "{}");
    EXPECT(AIM_OK, aim_run_set_param, run, "huge", "123456789012345678901234567890");
    PARAM_IS("huge", "123456789012345678901234567890");
}

static void deletion(void)
{
    char *json = NULL;
    EXPECT(AIM_OK, aim_run_set_param, run, "gone", "{\"a\": 1, \"b\": 2}");
    EXPECT(AIM_OK, aim_run_delete_param, run, "/gone/a");
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "/gone/a", &json);
    PARAM_IS("/gone/b", "2");
    EXPECT(AIM_OK, aim_run_delete_param, run, "gone");
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "gone", &json);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "/gone/b", &json);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_delete_param, run, "gone");
}

static void refusals(void)
{
    static const char *const bad[] = {"", "{", "{\"a\": }", "[1, 2", "{'a': 1}", "nul", "1 2", "\"\\x\"", "\"\xff\""};
    PARAM_IS("tenth", "0.1");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_set_param, run, "tenth", bad[i]);
    PARAM_IS("tenth", "0.1");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_set_param, run, "key\xff", "1");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_set_param_string, run, "text", "cut \xc3");
}

static void bytes_and_sizes(void)
{
    static const uint8_t raw[] = {0, 1, 255, 0};
    EXPECT(AIM_OK, aim_run_set_param_bytes, run, "raw", raw, sizeof raw);
    EXPECT(AIM_OK, aim_run_set_param_bytes, run, "no bytes", NULL, 0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_set_param_bytes, run, "raw", NULL, 4);
    PARAM_IS("raw", "{\"__bytes__\":\"AAH/AA==\"}");
    uint8_t *data = NULL;
    size_t length = 0;
    EXPECT(AIM_OK, aim_run_get_param_bytes, run, "raw", &data, &length);
    CHECK(length == sizeof raw && memcmp(data, raw, sizeof raw) == 0);
    aim_bytes_free(data, length);
    EXPECT(AIM_OK, aim_run_get_param_bytes, run, "no bytes", &data, &length);
    CHECK(length == 0);
    aim_bytes_free(data, length);
    EXPECT(AIM_ERR_TYPE, aim_run_get_param_bytes, run, "tenth", &data, &length);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param_bytes, run, "none", &data, &length);
    EXPECT(AIM_OK, aim_run_set_param, run, "raw", "{\"__bytes__\": \"AQI=\"}");
    EXPECT(AIM_OK, aim_run_get_param_bytes, run, "raw", &data, &length);
    CHECK(length == 2 && data[0] == 1 && data[1] == 2);
    aim_bytes_free(data, length);

    size_t size = 1 << 20;
    char *large = (char *)malloc(size + 3);
    memset(large, 'x', size + 2);
    large[size + 2] = '\0';
    EXPECT(AIM_OK, aim_run_set_param_string, run, "large text", large);
    large[0] = large[size + 1] = '"';
    char *json = NULL;
    EXPECT(AIM_OK, aim_run_get_param, run, "large text", &json);
    CHECK(json != NULL && strlen(json) == size + 4 && strncmp(json + 2, large + 2, size - 1) == 0);
    aim_string_free(json);
    free(large);
}

static void whole_tree_and_query(void)
{
    aim_run *other = new_run(NULL);
    EXPECT(AIM_OK, aim_run_set_param, other, "hparams", "{\"lr\": 0.1, \"layers\": [64, 10]}");
    EXPECT(AIM_OK, aim_run_set_param_int64, other, "seed", 4);
    char *json = NULL;
    EXPECT(AIM_OK, aim_run_get_param, other, NULL, &json);
    CHECK(json != NULL && strstr(json, "\"hparams\"") != NULL && strstr(json, "\"seed\"") != NULL);

    aim_repo *repo = open_repo();
    aim_query *q = query(repo, "run.seed == 4 and run.hparams.layers[0] == 64", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 1);
    CHECK_TEXT(aim_query_run_hash(q, 0), aim_run_hash(other));
    char *same = NULL;
    EXPECT(AIM_OK, aim_query_run_param, q, 0, NULL, &same);
    CHECK_OWNED(same, json);
    aim_string_free(json);
    EXPECT(AIM_OK, aim_query_run_param, q, 0, "/hparams/layers/1", &json);
    CHECK_OWNED(json, "10");
    EXPECT(AIM_ERR_NOT_FOUND, aim_query_run_param, q, 0, "/hparams/none", &json);
    aim_query_free(q);
    aim_repo_free(repo);
    EXPECT(AIM_OK, aim_run_close, other);
    aim_run_free(other);
}

int main(void)
{
    start();
    run = new_run(NULL);
    scalars();
    documents();
    deletion();
    refusals();
    bytes_and_sizes();
    whole_tree_and_query();

    /* All of it is still there in the next session. */
    char hash[64];
    snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    run = new_run(hash);
    PARAM_IS("small", "-9223372036854775808");
    PARAM_IS("tenth", "0.1");
    PARAM_IS("nan", "NaN");
    PARAM_IS("/fresh/deep/value", "7");
    PARAM_IS("a/b~c", "2");
    PARAM_IS("huge", "123456789012345678901234567890");
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    return finish();
}
