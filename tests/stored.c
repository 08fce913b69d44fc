/* stored REPO - what a repository holds, a line for each run and metric, for the tests of examples and pages:
 *
 *     run EXPERIMENT STATUS PARAMS
 *     metric NAME CONTEXT COUNT LAST_STEP LAST
 */
#include "must.h"

#include <inttypes.h>

int main(int argc, char **argv)
{
    aim_repo *repo = NULL;
    aim_query *runs = NULL, *metrics = NULL;
    if (argc != 2)
        return 2;
    MUST(aim_repo_open, argv[1], NULL, &repo);
    MUST(aim_repo_query, repo, "", AIM_QUERY_RUNS, &runs);
    for (size_t i = 0; i < aim_query_len(runs); i++) {
        char *experiment = NULL, *status = NULL, *params = NULL;
        MUST(aim_query_run_property_string, runs, i, "experiment", &experiment);
        MUST(aim_query_run_property_string, runs, i, "status", &status);
        MUST(aim_query_run_param, runs, i, NULL, &params);
        printf("run %s %s %s\n", experiment, status, params);
        aim_string_free(experiment);
        aim_string_free(status);
        aim_string_free(params);
    }
    MUST(aim_repo_query, repo, "", AIM_QUERY_METRICS, &metrics);
    for (size_t i = 0; i < aim_query_len(metrics); i++) {
        aim_metric_info info;
        MUST(aim_query_metric_info, metrics, i, &info);
        printf("metric %s %s %" PRIu64 " %" PRId64 " %.6g\n", aim_query_metric_name(metrics, i),
               aim_query_metric_context(metrics, i), info.count, info.last_step, info.last);
    }
    aim_query_free(metrics);
    aim_query_free(runs);
    aim_repo_free(repo);
    return 0;
}
