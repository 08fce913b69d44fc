/* Tracks values in the repository DIRECTORY and reads them back. */
#include <aim.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = argc > 1 ? argv[1] : ".";
    aim_run *run = NULL;
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    aim_values values = {0, NULL, NULL, NULL, NULL};
    char expression[64];
    if (aim_run_new(&options, &run, NULL) != AIM_OK)
        return 1;
    for (int step = 0; step < 100; step++)
        if (aim_run_track(run, "loss", 1.0 / (step + 1), step, AIM_EPOCH_NONE, NULL, NULL) != AIM_OK)
            return 2;
    snprintf(expression, sizeof expression, "run.hash == '%s'", aim_run_hash(run));
    if (aim_run_close(run, NULL) != AIM_OK)
        return 3;
    aim_run_free(run);
    if (aim_repo_open(options.repo, NULL, &repo, NULL) != AIM_OK ||
        aim_repo_query(repo, expression, AIM_QUERY_METRICS, &query, NULL) != AIM_OK ||
        aim_query_values(query, 0, &values, NULL) != AIM_OK)
        return 4;
    const int right = values.len == 100 && values.values[99] == 0.01;
    aim_query_free(query);
    aim_repo_free(repo);
    return right ? 0 : 5;
}
