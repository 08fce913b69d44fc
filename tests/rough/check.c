/* Reads back what a host noted in its book.
 *
 *     check all REPO BOOK       succeeds if all that was acknowledged is stored, bit by bit, and nothing that was not begun
 *     check some REPO BOOK      succeeds if what is stored was begun, bit by bit: of a repository that was damaged
 *
 * Prints how many points it read, or what is wrong. It reads in a rounding mode of chance. */
#include "book.h"

#include <fenv.h>
#include <stdarg.h>

static int some;

static void wrong(const char *text, ...)
{
    va_list values;
    va_start(values, text);
    vprintf(text, values);
    va_end(values);
    printf("\n");
    exit(1);
}

/* Where the steps have this one. Within a window by bisection, since the order of the steps is not that of the points. */
static size_t place_of(const aim_values *v, int metric, uint64_t i)
{
    size_t low = i - i % WINDOW, high = low + WINDOW < v->len ? low + WINDOW : v->len;
    if (metric != LATE)
        return i;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (v->steps[middle] <= step_of(metric, i))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The points of a metric are those that were acknowledged, and perhaps the one that was begun. */
static uint64_t check_metric(aim_query *query, size_t row)
{
    aim_values v;
    int metric = 0;
    while (metric < METRICS && strcmp(names[metric], aim_query_metric_name(query, row)) != 0)
        metric++;
    if (metric == METRICS)
        return 0; /* of the program's own messages, say */
    aim_error *err = NULL;
    aim_status status = aim_query_values(query, row, &v, &err);
    if (some && status == AIM_ERR_CORRUPT) {
        aim_error_free(err);
        return 0;
    }
    if (status != AIM_OK)
        wrong("%s: %s", names[metric], aim_error_message(err));
    struct count *count = &book->metrics[metric];
    for (size_t i = 0; i < v.len; i++) {
        double want = value(metric, v.steps[i]);
        if (memcmp(&want, &v.values[i], sizeof want) != 0 || (i > 0 && v.steps[i] <= v.steps[i - 1]))
            wrong("%s: step %lld has another value", names[metric], (long long)v.steps[i]);
    }
    if (v.len > count->begun || (!some && v.len < count->done))
        wrong("%s: %llu points of %llu acknowledged, %llu begun", names[metric], (unsigned long long)v.len,
              (unsigned long long)count->done, (unsigned long long)count->begun);
    for (uint64_t i = 0; i < count->done && !some; i++)
        if (v.steps[place_of(&v, metric, i)] != step_of(metric, i))
            wrong("%s: point %llu of step %lld is lost", names[metric], (unsigned long long)i,
                  (long long)step_of(metric, i));
    return v.len;
}

/* Whether it is the last of the first `count` params that this key took. */
static int is_param(const char *got, uint64_t count, int key)
{
    char want[JSON] = "";
    for (uint64_t n = count; n-- > 0 && count - n <= 64 * KEYS;)
        if (n % KEYS == (uint64_t)key && depth_of(n) <= DEEPEST) {
            param_json(n, want);
            break;
        }
    return strcmp(got, want) == 0;
}

static void check_params(aim_query *query)
{
    for (int key = 0; key < KEYS; key++) {
        char name[16], *json = NULL;
        snprintf(name, sizeof name, "p%d", key);
        aim_status status = aim_query_run_param(query, 0, name, &json, NULL);
        const char *got = status == AIM_OK ? json : "";
        if (!is_param(got, book->params.done, key) && !is_param(got, book->params.begun, key))
            wrong("param %s is %.40s of %llu acknowledged", name, got, (unsigned long long)book->params.done);
        aim_string_free(json);
    }
}

int main(int argc, char **argv)
{
    static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    if (argc != 4)
        return 2;
    some = strcmp(argv[1], "some") == 0;
    map_book(argv[3]);
    fesetround(roundings[mix(book->metrics[IN_ORDER].done) % 4]);
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    char expression[64];
    uint64_t points = 0, acknowledged = 0;
    snprintf(expression, sizeof expression, "run.hash == '%s'", (const char *)book->hash);
    MUST(aim_repo_open, argv[2], NULL, &repo);
    MUST(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &query);
    for (size_t row = 0; row < aim_query_len(query); row++)
        points += check_metric(query, row);
    for (int i = 0; i < METRICS; i++)
        acknowledged += book->metrics[i].done;
    if (!some && points < acknowledged)
        wrong("%llu of %llu points are there", (unsigned long long)points, (unsigned long long)acknowledged);
    aim_query_free(query);
    if (!some) {
        MUST(aim_repo_query, repo, expression, AIM_QUERY_RUNS, &query);
        if (book->hash[0] != '\0' && aim_query_len(query) != 1)
            wrong("the run %s is not there", (const char *)book->hash);
        check_params(query);
        aim_query_free(query);
    }
    aim_repo_free(repo);
    printf("%llu\n", (unsigned long long)points);
    return 0;
}
