/* Artifacts of a run: logged, found, checked, fetched, used, given names, deleted. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

static int same_content(const char *path, const char *text)
{
    char found[256] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t n = fread(found, 1, sizeof found - 1, file);
    found[n] = 0;
    fclose(file);
    return strcmp(found, text) == 0;
}

static char model[4300];

static aim_status log_model(aim_run *run, int32_t mode, const char *aliases, aim_error **err)
{
    aim_artifact_options options = AIM_ARTIFACT_OPTIONS_INIT;
    options.path = model;
    options.name = "model";
    options.kind = "checkpoint";
    options.metadata = "{\"loss\": 0.5}";
    options.aliases = aliases;
    options.step = 7;
    options.mode = mode;
    options.wait = 1;
    return aim_run_log_artifact(run, &options, err);
}

static void arguments(aim_run *run)
{
    aim_artifact_options options = AIM_ARTIFACT_OPTIONS_INIT;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, NULL, &options);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.path = "/nowhere/at/all";
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_log_artifact, run, &options);
    options.path = "/dev/null";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.path = model;
    options.mode = 7;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.mode = AIM_ARTIFACT_COPY;
    options.wait = 2;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.wait = 0;
    options.name = "../outside";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.name = "with:colon";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.name = NULL;
    options.aliases = "latest";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    options.aliases = NULL;
    options.metadata = "[1]";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log_artifact, run, &options);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_set_artifacts_uri, run, "no address");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_use_artifact, run, "model");
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_use_artifact, run, "0123456789abcdef01234567/model");
}

/* Microseconds from one change to the next; 0: no more. */
static int changing = 1000;

/* Writes into the file again and again until it is told to stop. */
static void *change(void *path)
{
    const int file = open((const char *)path, O_WRONLY | O_APPEND);
    int pause;
    while ((pause = __atomic_load_n(&changing, __ATOMIC_ACQUIRE)) != 0 && write(file, "x", 1) == 1)
        usleep((useconds_t)pause);
    close(file);
    return NULL;
}

/* A file that is written to while it is summed is no version, whatever the mode; once nobody writes any more it is. */
static void a_changing_file(void)
{
    static char path[4300];
    snprintf(path, sizeof path, "%s/growing", scratch);
    write_file(path, "");
    CHECK(truncate(path, 1 << 20) == 0);
    aim_run *run = new_run(NULL);
    aim_artifact_options options = AIM_ARTIFACT_OPTIONS_INIT;
    options.path = path;
    options.wait = 1;
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, change, path) == 0);
    const int32_t modes[] = {AIM_ARTIFACT_REFERENCE, AIM_ARTIFACT_LINK, AIM_ARTIFACT_COPY};
    for (int i = 0; i < 3; i++) {
        aim_status status = AIM_OK;
        int during = 0;
        options.mode = modes[i];
        /* The writer may come before the file is opened, or not at all: then once more, at another pace. */
        for (int again = 0; again < 1000 && !during && (status == AIM_OK || status == AIM_ERR_BUSY); again++) {
            aim_error *err = NULL;
            status = aim_run_log_artifact(run, &options, &err);
            during = status == AIM_ERR_BUSY && strstr(aim_error_message(err), "growing") != NULL &&
                     strstr(aim_error_message(err), "changed while it was read") != NULL;
            aim_error_free(err);
            if (!during && status == AIM_ERR_BUSY && changing < 500000)
                __atomic_store_n(&changing, changing * 2, __ATOMIC_RELEASE);
            else if (!during && changing > 100)
                __atomic_store_n(&changing, changing / 2, __ATOMIC_RELEASE);
        }
        CHECK(during);
    }
    __atomic_store_n(&changing, 0, __ATOMIC_RELEASE);
    pthread_join(writer, NULL);
    options.name = "still";
    EXPECT(AIM_OK, aim_run_log_artifact, run, &options);
    char *json = NULL;
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    EXPECT(AIM_OK, aim_run_close, run);
    EXPECT(AIM_OK, aim_repo_artifacts, repo, aim_run_hash(run), &json);
    CHECK(json && strstr(json, "\"state\":\"failed: ") && strstr(json, "changed while it was read"));
    CHECK(json && strstr(json, "\"name\":\"still\",\"version\":0"));
    aim_string_free(json);
    aim_repo_free(repo);
    aim_run_free(run);
}

int main(void)
{
    start();
    a_changing_file();
    snprintf(model, sizeof model, "%s/model.bin", scratch);
    write_file(model, "first");

    aim_run *run = new_run(NULL);
    char hash[25];
    snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
    arguments(run);

    aim_error *err = NULL;
    CHECK(log_model(run, AIM_ARTIFACT_LINK, "best,first", &err) == AIM_OK);
    remove(model); /* a trainer rotates its checkpoints */
    write_file(model, "second");
    CHECK(log_model(run, AIM_ARTIFACT_COPY, "best", &err) == AIM_OK);
    CHECK(log_model(run, AIM_ARTIFACT_COPY, NULL, &err) == AIM_OK); /* the same bytes: no version */
    EXPECT(AIM_OK, aim_run_set_artifacts_uri, run, "file:///somewhere");
    EXPECT(AIM_OK, aim_run_close, run);
    EXPECT(AIM_ERR_CLOSED, aim_run_set_artifacts_uri, run, "file:///somewhere");
    aim_run_free(run);

    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    char *json = NULL;
    EXPECT(AIM_OK, aim_repo_artifacts, repo, hash, &json);
    CHECK(json && strstr(json, "\"version\":0") && strstr(json, "\"version\":1") && !strstr(json, "\"version\":2"));
    CHECK(json && strstr(json, "\"type\":\"checkpoint\"") && strstr(json, "\"step\":7"));
    /* sha256sum of "first" */
    CHECK(json && strstr(json, "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"));
    aim_string_free(json);
    json = NULL;
    EXPECT(AIM_OK, aim_repo_verify_artifacts, repo, hash, &json);
    CHECK(json && strstr(json, "\"found\":\"intact\"") && !strstr(json, "changed"));
    aim_string_free(json);

    /* Another run uses it. */
    char reference[64], into[4300], *path = NULL;
    run = new_run(NULL);
    snprintf(reference, sizeof reference, "%s/model:best", hash);
    EXPECT(AIM_OK, aim_run_use_artifact, run, reference);
    EXPECT(AIM_OK, aim_run_close, run);
    json = NULL;
    EXPECT(AIM_OK, aim_repo_artifact_users, repo, reference, &json);
    CHECK(json && strstr(json, aim_run_hash(run)) && strstr(json, "\"version\":1"));
    aim_string_free(json);
    aim_run_free(run);

    snprintf(into, sizeof into, "%s/fetched", scratch);
    snprintf(reference, sizeof reference, "%s/model:first", hash);
    EXPECT(AIM_OK, aim_repo_fetch_artifact, repo, reference, into, &path);
    CHECK(path && same_content(path, "first"));
    aim_string_free(path);
    EXPECT(AIM_OK, aim_repo_alias_artifact, repo, reference, "good");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_alias_artifact, repo, reference, "v3");
    snprintf(reference, sizeof reference, "%s/model:good", hash);
    EXPECT(AIM_OK, aim_repo_fetch_artifact, repo, reference, into, NULL);
    EXPECT(AIM_OK, aim_repo_delete_artifact, repo, reference);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_fetch_artifact, repo, reference, into, NULL);

    /* In an expression. */
    aim_query *query = NULL;
    EXPECT(AIM_OK, aim_repo_query, repo, "run.artifacts['model'].size == 6 and run.artifacts['model:best'].step == 7",
           AIM_QUERY_RUNS, &query);
    CHECK(aim_query_len(query) == 1);
    aim_query_free(query);

    /* What the run kept goes with it. */
    char kept[4300];
    struct stat about;
    snprintf(kept, sizeof kept, "%s/.aim/artifacts/%s", scratch, hash);
    CHECK(stat(kept, &about) == 0);
    EXPECT(AIM_OK, aim_repo_delete_run, repo, hash);
    CHECK(stat(kept, &about) != 0);
    CHECK(same_content(model, "second"));
    aim_repo_free(repo);
    return finish();
}
