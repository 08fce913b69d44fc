// A run's whole life: ids, backfill, outcomes, rewinding, editing what is stored.
#include "support.hpp"

#include <chrono>
#include <fstream>
#include <thread>

namespace {

using Life = Scratch;

aim::RunProperties properties(const std::string &path, const std::string &hash) {
    return aim::Repo(path).open_run(hash).front().properties();
}

TEST_F(Life, RunsAreFoundByAnIdAndRewound) {
    options.run_id = "job 1";
    options.run_id_mode = aim::RunIdMode::create;
    std::string hash;
    {
        const aim::Run run(options);
        hash = run.hash();
        EXPECT_EQ(thrown_code([&] { aim::Run again(options); }), aim::ErrorCode::exists);
        for (int step = 0; step < 150; step++) run.track("loss", -step, step);
        EXPECT_EQ(run.rewind(140, {"acc"}), 0u);
        EXPECT_EQ(run.rewind(140), 10u);
        run.close_as({aim::RunStatus::interrupted, {}, 2});
    }
    EXPECT_EQ(properties(path, hash).status, "interrupted");
    EXPECT_EQ(properties(path, hash).signal, 2);
    options.run_id_mode = aim::RunIdMode::open;
    options.resume_step = 100;
    const aim::Run run(options);
    EXPECT_EQ(run.hash(), hash);
    EXPECT_EQ(aim::Repo(path).open_metrics(hash).front().info().count, 100u);
    run.start_closing();
    run.wait(60);
    EXPECT_EQ(properties(path, hash).run_id, "job 1");
}

TEST_F(Life, TrackingIsSwitchedOff) {
    options.mode = aim::Mode::disabled;
    {
        const aim::Run run(options);
        run.track("loss", 1.0);
    }
    EXPECT_EQ(thrown_code([&] { aim::Repo repo(path); }), aim::ErrorCode::not_found);
    options.mode = aim::Mode::enabled;
    options.system_tracking_interval = 0.1;
    options.system_tracking_children = true;
    const aim::Run run(options);
    std::size_t found = 0; // the first reading comes when it is made
    for (int i = 0; i < 1200 && found == 0; i++) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        found = aim::Repo(path).query_metrics("metric.name == '__system__children_count'").size();
    }
    EXPECT_EQ(found, 1u);
}

TEST_F(Life, WhatIsPastKeepsItsTimes) {
    options.new_hash = "0123456789abcdef01234567";
    options.created_at = 1.5e9;
    options.no_lease = true;
    const aim::Run run(options);
    const double values[] = {1, 2}, times[] = {1.5e9, 1.5e9 + 0.5};
    run.metric("loss").track_many_at(values, times);
    EXPECT_EQ(run.metric("loss").try_track_many_at(values, aim::Span<const double>(times, 1)).error().code(),
              aim::ErrorCode::invalid_argument);
    run.log_at(1.5e9, aim::LogLevel::info, "then");
    run.add_terminal_line_at(1.5e9, 1, "line");
    run.close_as({aim::RunStatus::failed, 3, 0, 1.5e9 + 1});
    const auto found = properties(path, *options.new_hash);
    EXPECT_EQ(found.created_at, 1.5e9);
    EXPECT_EQ(found.finalized_at, 1.5e9 + 1);
    EXPECT_EQ(found.exit_code, 3);
    const auto metrics = aim::Repo(path).open_metrics(*options.new_hash);
    EXPECT_EQ(metrics.front().values().times[1], times[1]);
}

TEST_F(Life, StoredRunsAreEdited) {
    options.experiment = "old";
    const aim::Run run(options);
    run.track("loss", 1);
    run.track("junk", 1);
    run.close();
    const aim::Repo repo(path);
    const std::string hash(run.hash());
    repo.edit(hash, aim::Edit().set_name("renamed").set_description("text").set_experiment("new").add_tag("t")
                        .set_param("/net/depth", 3).drop_metric("junk").add_note("a note"));
    EXPECT_EQ(properties(path, hash).experiment, "new");
    EXPECT_EQ(properties(path, hash).status, "finished");
    EXPECT_EQ(repo.edit_runs("run.experiment == 'new'", aim::Edit().set_note(1, "better").remove_tag("x")), 1u);
    EXPECT_NE(repo.notes(hash).find("better"), std::string::npos);
    EXPECT_EQ(repo.try_edit(hash, aim::Edit().set_name("")).error().code(), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(repo.list(aim::Listed::metric_names).size(), 1u);
    EXPECT_EQ(repo.list(aim::Listed::param_keys, "run.net.depth == 3").front().name, "/net/depth");
    repo.describe(aim::Subject::tag, "t", "what it means", "#00ff00");
    EXPECT_EQ(repo.rename(aim::Subject::experiment, "new", "newer"), 1u);
    EXPECT_EQ(repo.delete_tag("t"), 1u);
    EXPECT_EQ(repo.delete_runs("run.experiment == 'newer'").deleted, 1u);
}

TEST_F(Life, FilesAreLoggedAndFoundAgain) {
    const std::string file = path + "/model.bin";
    std::ofstream(file) << "first";
    const aim::Run run(options);
    const std::string hash = run.hash().c_str();
    aim::ArtifactOptions checkpoint;
    checkpoint.name = "model";
    checkpoint.kind = "checkpoint";
    checkpoint.metadata = {{"loss", 0.5}};
    checkpoint.aliases = {"best", "first"};
    checkpoint.step = 7;
    checkpoint.mode = aim::ArtifactMode::link;
    run.log_artifact(file, checkpoint);
    std::filesystem::remove(file);
    std::ofstream(file) << "second";
    checkpoint.aliases = {"best"};
    checkpoint.mode = aim::ArtifactMode::copy;
    checkpoint.wait = true;
    run.log_artifact(file, checkpoint);
    EXPECT_EQ(thrown_code([&] { run.log_artifact("/nowhere"); }), aim::ErrorCode::not_found);
    run.set_artifacts_uri("s3://bucket/path");
    const aim::Repo repo(path);
    const std::string best = hash + "/model:best";
    {
        const aim::Run user(options);
        user.use_artifact(best);
        const auto users = repo.artifact_users(best);
        ASSERT_EQ(users.size(), 1u);
        EXPECT_EQ(users[0].run, user.hash());
        EXPECT_EQ(users[0].version, 1);
    }
    run.close();
    const std::vector<aim::Artifact> all = repo.artifacts(hash);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].version, 0);
    EXPECT_EQ(all[0].aliases, std::vector<std::string>{"first"});
    EXPECT_EQ(all[1].aliases, (std::vector<std::string>{"best", "latest"}));
    EXPECT_EQ(all[1].size, 6);
    EXPECT_EQ(all[1].step, 7);
    EXPECT_EQ(all[1].kind, "checkpoint");
    EXPECT_EQ(all[1].path, file);
    // sha256sum of "second"
    EXPECT_EQ(all[1].checksum, "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4");
    for (const aim::VerifiedArtifact &checked : repo.verify_artifacts(hash)) EXPECT_EQ(checked.found, "intact");
    const std::string fetched = repo.fetch_artifact(hash + "/model:first", path + "/fetched");
    std::string content;
    std::ifstream(fetched) >> content;
    EXPECT_EQ(content, "first");
    repo.alias_artifact(hash + "/model:v0", "good");
    repo.delete_artifact(hash + "/model:good");
    EXPECT_EQ(thrown_code([&] { repo.fetch_artifact(hash + "/model:v0", path); }), aim::ErrorCode::not_found);
}

} // namespace
