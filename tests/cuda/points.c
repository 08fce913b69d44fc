/* points REPO HASH - whether the run of examples/cuda holds what it should: a loss for each of 2000 steps, sequences of the
 * system, and the system's params. */
#include <aim.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char expression[128];
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    aim_metric_info info;
    char *params = NULL;
    size_t losses = 0, system = 0;
    if (argc != 3 || aim_repo_open(argv[1], NULL, &repo, NULL) != AIM_OK)
        return 1;
    snprintf(expression, sizeof expression, "run.hash == '%s'", argv[2]);
    if (aim_repo_query(repo, expression, AIM_QUERY_METRICS, &query, NULL) != AIM_OK)
        return 2;
    for (size_t i = 0; i < aim_query_len(query); i++) {
        const char *name = aim_query_metric_name(query, i);
        if (strcmp(name, "loss") == 0 && aim_query_metric_info(query, i, &info, NULL) == AIM_OK)
            losses = info.count == 2000 && info.last_step == 1999 && info.last < info.first ? 2000 : 0;
        system += strncmp(name, "__system__", 10) == 0;
    }
    if (aim_query_run_param(query, 0, "__system_params", &params, NULL) != AIM_OK)
        return 3;
    aim_string_free(params);
    aim_query_free(query);
    aim_repo_free(repo);
    printf("%zu losses, %zu sequences of the system\n", losses, system);
    return losses == 2000 && system > 0 ? 0 : 4;
}
