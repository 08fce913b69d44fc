/* status REPO HASH - prints status and exit code of a run, "-" where none is known. */
#include <aim.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    aim_repo *repo = NULL;
    aim_query *run = NULL;
    aim_error *err = NULL;
    char *status = NULL;
    int64_t code = 0;
    if (argc != 3) return 2;
    if (aim_repo_open(argv[1], NULL, &repo, &err) != AIM_OK ||
        aim_repo_open_run(repo, argv[2], AIM_QUERY_RUNS, &run, &err) != AIM_OK ||
        aim_query_run_property_string(run, 0, "status", &status, &err) != AIM_OK) {
        fprintf(stderr, "%s\n", aim_error_message(err));
        return 1;
    }
    printf("%s ", status);
    if (aim_query_run_property_int64(run, 0, "exit_code", &code, NULL) == AIM_OK)
        printf("%lld\n", (long long)code);
    else
        printf("-\n");
    aim_string_free(status);
    aim_query_free(run);
    aim_repo_free(repo);
    return 0;
}
