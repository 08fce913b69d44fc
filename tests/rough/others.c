/* Other processes at the repository of rough hosts, until they are killed.
 *
 *     others delete REPO        deletes short runs as soon as it sees them
 *     others continue REPO      goes on with short runs; what it was told is stored must be there, whoever deletes
 *     others ask REPO SEED      asks what costs much, from a thread with little stack
 *     others read REPO          reads every metric, once, and prints how many there are; a damaged one is skipped
 *     others salvage REPO INTO  copies what is intact, once */
#define _GNU_SOURCE
#include "book.h"

#include <pthread.h>
#include <time.h>

static aim_query *victims(aim_repo *repo)
{
    aim_query *query = NULL;
    MUST(aim_repo_query, repo, "run.experiment == 'victims'", AIM_QUERY_RUNS, &query);
    return query;
}

static void delete_victims(const char *path)
{
    for (;;) {
        aim_repo *repo = NULL;
        MUST(aim_repo_open, path, NULL, &repo);
        aim_query *query = victims(repo);
        for (size_t i = 0; i < aim_query_len(query); i++) {
            aim_error *err = NULL;
            aim_status status = aim_repo_delete_run(repo, aim_query_run_hash(query, i), &err);
            if (status != AIM_OK && status != AIM_ERR_BUSY && status != AIM_ERR_NOT_FOUND) {
                fprintf(stderr, "delete: %s\n", aim_error_message(err));
                exit(10 + status);
            }
            aim_error_free(err);
        }
        aim_query_free(query);
        aim_repo_free(repo);
        usleep(3000);
    }
}

enum { AGAIN = 20 };

static void has_again(aim_repo *repo, const char *hash)
{
    char expression[100];
    aim_query *query = NULL;
    aim_values v = {0, NULL, NULL, NULL, NULL};
    snprintf(expression, sizeof expression, "run.hash == '%s' and metric.name == 'again'", hash);
    MUST(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &query);
    if (aim_query_len(query) == 1)
        MUST(aim_query_values, query, 0, &v);
    if (v.len != AGAIN) {
        fprintf(stderr, "the run %s was deleted while it was continued: %zu points\n", hash, v.len);
        exit(1);
    }
    aim_query_free(query);
}

static void go_on(aim_repo *repo, const char *path, const char *hash)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_error *err = NULL;
    options.repo = path;
    options.run_hash = hash;
    aim_status status = aim_run_new(&options, &run, &err);
    if (status != AIM_OK && status != AIM_ERR_NOT_FOUND) {
        fprintf(stderr, "continue: %s\n", aim_error_message(err));
        exit(10 + status);
    }
    aim_error_free(err);
    if (status == AIM_ERR_NOT_FOUND)
        return;
    for (int i = 0; i < AGAIN; i++)
        MUST(aim_run_track, run, "again", i, i, AIM_EPOCH_NONE, NULL);
    MUST(aim_run_flush, run);
    has_again(repo, hash);
    MUST(aim_run_close, run);
    aim_run_free(run);
}

static void continue_victims(const char *path)
{
    for (uint64_t turn = 0;; turn++) {
        aim_repo *repo = NULL;
        MUST(aim_repo_open, path, NULL, &repo);
        aim_query *query = victims(repo);
        size_t all = aim_query_len(query);
        for (size_t i = 0; i < all && i < 4; i++)
            go_on(repo, path, aim_query_run_hash(query, mix(turn + i) % all));
        aim_query_free(query);
        aim_repo_free(repo);
        usleep(2000);
    }
}

/* ---- What costs much ---- */

static const char *const operands[] = {
    "'a' * 600000", "'é' * 300000", "'9' * 60000", "b'a\\xff' * 60000", "list(range(60000))", "{i: i for i in range(40000)}",
    "(lambda d: [[d.pop(i) for i in range(2999)], d][1])({i: 0 for i in range(3000)})", "range(10**18)", "1 << 100000",
    "{i * (2**61 - 1) for i in range(3000)}", "frozenset([frozenset(range(2000))])", "3 ** 20000", "0.1", "-1", "None",
    "run", "run.metrics", "run.hparams", "(lambda x: x)", "''", "slice(None, None, -1)",
};
static const char *const operations[] = {
    "a + b", "a * b", "a | b", "a == b", "a < b", "a in b", "a % b", "a ** b", "a / b", "a[b]", "a[-1]", "a[::2]", "hash(a)",
    "sorted(a)", "a.copy()", "a.format(*b)", "'{k5}'.format(**a)", "[*a, *b]", "{**a, **b}", "str(a)", "repr(a)", "set(a)",
    "a.join(b)", "a.split(b)", "a.replace('a', b)", "(lambda **v: 0)(**a)", "a.isdisjoint(b)", "f'{a:>40000}'", "len(a)",
    "run.metrics[a]", "[x for x in a if x in b]", "[[y for y in a] for x in a]", "a.a.a", "max(a, key=str)",
};

static uint64_t chance;

static uint64_t draw(uint64_t below)
{
    chance = mix(chance);
    return chance % below;
}

#define ONE_OF(list) (list)[draw(sizeof(list) / sizeof(list)[0])]

static void make_query(char *text, size_t size)
{
    static const char *const times[] = {"10**9", "1000", "3"};
    if (draw(8) == 0) { /* deeper than is allowed, perhaps */
        size_t depth = 1 + draw(size / 2 - 8);
        memset(text, draw(2) ? '(' : '-', depth);
        snprintf(text + depth, size - depth, "1");
        return;
    }
    snprintf(text, size, "(lambda a, b: all([%s] for n in range(%s)))(%s, %s)", ONE_OF(operations), ONE_OF(times),
             ONE_OF(operands), ONE_OF(operands));
    for (uint64_t flips = draw(8) == 0 ? 1 + draw(4) : 0; flips > 0; flips--)
        text[draw(strlen(text))] = (char)(32 + draw(95)); /* in the middle of a letter, perhaps */
}

static uint64_t told;

static int32_t on_progress(uint64_t done, uint64_t total, void *cancels)
{
    told++;
    if (done > total)
        exit(97);
    return cancels != NULL && told > 3;
}

static double cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *ask(void *path)
{
    static char text[4096];
    for (;;) {
        aim_repo *repo = NULL;
        MUST(aim_repo_open, path, NULL, &repo);
        for (int i = 0; i < 10; i++) {
            aim_query_options options = AIM_QUERY_OPTIONS_INIT;
            aim_query *query = NULL;
            aim_error *err = NULL;
            make_query(text, sizeof text);
            options.timeout = 0.05 * (double)(1 + draw(10));
            options.progress = on_progress;
            options.progress_userdata = draw(4) == 0 ? &chance : NULL;
            options.order_by = draw(8) == 0 ? "run.metrics['late', {}].last" : NULL;
            options.max_memory = draw(8) == 0 ? 1 + draw(100000) : 0;
            told = 0;
            double before = cpu();
            aim_status status = aim_repo_query_with(repo, text, draw(2) ? AIM_QUERY_RUNS : AIM_QUERY_METRICS, &options, &query, &err);
            double took = cpu() - before;
            if ((status != AIM_OK && status != AIM_ERR_SYNTAX && status != AIM_ERR_LIMIT && status != AIM_ERR_CANCELLED &&
                 status != AIM_ERR_INVALID_ARGUMENT) ||
                took > options.timeout + 2) {
                fprintf(stderr, "%d after %.2f s of %.2f: %s: %s\n", (int)status, took, options.timeout, text,
                        err ? aim_error_message(err) : "");
                exit(1);
            }
            aim_query_free(query);
            aim_error_free(err);
        }
        aim_repo_free(repo);
    }
    return NULL;
}

/* Queries need no more than a small thread has. */
static void ask_from_a_small_thread(char *path, uint64_t seed)
{
    pthread_attr_t attributes;
    pthread_t thread;
    chance = seed;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    if (pthread_create(&thread, &attributes, ask, path) != 0)
        exit(96);
    pthread_join(thread, NULL);
}

static void read_all(const char *path)
{
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    size_t metrics = 0;
    MUST(aim_repo_open, path, NULL, &repo);
    MUST(aim_repo_query, repo, "True", AIM_QUERY_METRICS, &query);
    for (size_t i = 0; i < aim_query_len(query); i++) {
        aim_values v;
        metrics += aim_query_values(query, i, &v, NULL) == AIM_OK;
    }
    printf("%zu\n", metrics);
    aim_query_free(query);
    aim_repo_free(repo);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "delete") == 0)
        delete_victims(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "continue") == 0)
        continue_victims(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "ask") == 0)
        ask_from_a_small_thread(argv[2], strtoull(argv[3], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "read") == 0)
        read_all(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "salvage") == 0)
        MUST(aim_repo_salvage, argv[2], argv[3], NULL, NULL);
    else
        return 2;
    return 0;
}
