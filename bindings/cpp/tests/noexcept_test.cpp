// The try_ forms, compiled with -fno-exceptions, where the others do not exist.
#include "support.hpp"

#include <map>

namespace {

static_assert(!AIM_EXCEPTIONS);
static_assert(!std::is_constructible_v<aim::Run, const aim::RunOptions &>);

using NoExceptions = Scratch;

TEST_F(NoExceptions, TheWholeLifeOfARun) {
    options.experiment = "quiet";
    aim::Result<aim::Run> opened = aim::Run::try_open(options);
    ASSERT_TRUE(opened);
    const aim::Run run = *std::move(opened);
    EXPECT_TRUE(run.try_set_param("hparams", {{"lr", 1e-4}, {"layers", {64, 10}}}));
    EXPECT_TRUE(run.try_set_params({{"a", 1}, {"b", true}}));
    EXPECT_TRUE(run.try_set_params(std::map<std::string, double>{{"c", 0.5}}));
    EXPECT_TRUE(run.try_delete_param("a"));
    EXPECT_TRUE(run.try_set_name("name"));
    EXPECT_TRUE(run.try_set_description("description"));
    EXPECT_TRUE(run.try_set_experiment("other"));
    EXPECT_TRUE(run.try_add_tag("tag"));
    EXPECT_TRUE(run.try_add_tag("more"));
    EXPECT_TRUE(run.try_remove_tag("more"));
    EXPECT_TRUE(run.try_set_archived(true));
    EXPECT_TRUE(run.try_set_archived(false));
    const auto metric = run.try_metric("loss", {{"subset", "train"}});
    ASSERT_TRUE(metric);
    EXPECT_TRUE(metric->try_track(1.0));
    const double more[] = {0.5, 0.25};
    EXPECT_TRUE(metric->try_track_many(more));
    EXPECT_TRUE(run.try_track("acc", 0.9));
    EXPECT_TRUE(run.try_flush());
    EXPECT_EQ(*run.try_name(), "name");
    EXPECT_EQ(*run.try_description(), "description");
    EXPECT_EQ(*run.try_experiment(), "other");
    EXPECT_EQ(*run.try_tags(), std::vector<std::string>{"tag"});
    EXPECT_FALSE(*run.try_archived());
    EXPECT_EQ(*run.try_param_json("hparams"), R"({"lr":0.0001,"layers":[64,10]})");
    EXPECT_EQ(*run.try_param<double>("/hparams/lr"), 1e-4);
    EXPECT_EQ(run.try_param<int>("b").error().code(), aim::ErrorCode::type);
    EXPECT_EQ(run.try_param_bytes("b").error().code(), aim::ErrorCode::type);
    EXPECT_EQ(run.try_param_json("a").error().code(), aim::ErrorCode::not_found);
    EXPECT_TRUE(run.try_close());
    EXPECT_EQ(run.try_close().error().code(), aim::ErrorCode::closed);

    const auto repo = aim::Repo::try_open(path);
    ASSERT_TRUE(repo);
    const auto metrics = repo->try_query_metrics("metric.name == 'loss'");
    ASSERT_TRUE(metrics);
    ASSERT_EQ(metrics->size(), 1u);
    for (const aim::MetricRow row : *metrics) {
        EXPECT_EQ(row.try_values()->values.back(), 0.25);
        EXPECT_EQ(row.try_info()->count, 3u);
        EXPECT_EQ(row.try_properties()->experiment, "other");
        EXPECT_EQ(row.try_sample(4)->try_values()->size(), 3u);
        EXPECT_EQ(*row.try_param_json("c"), "0.5");
        EXPECT_NE(row.try_params_json()->find(R"("c":0.5)"), std::string::npos);
    }
    EXPECT_EQ(metrics->try_failures()->count, 0u);
    EXPECT_NE(*metrics->try_table_json(), "");
    EXPECT_EQ(repo->try_query_runs("run.").error().code(), aim::ErrorCode::syntax);
    EXPECT_EQ(repo->try_stats()->runs, 1u);
    EXPECT_TRUE(repo->try_delete_run((*metrics)[0].run_hash()));
    EXPECT_EQ(repo->try_query_runs()->size(), 0u);
}

TEST_F(NoExceptions, ErrorsAreResults) {
    options.repo = "/proc/none";
    const auto run = aim::Run::try_open(options);
    ASSERT_FALSE(run.has_value());
    EXPECT_NE(std::string(run.error().what()).find("/proc/none"), std::string::npos);
    EXPECT_EQ(aim::Repo::try_open("/none").error().code(), aim::ErrorCode::not_found);
}

TEST_F(NoExceptions, ProgressAndMessages) {
    { ASSERT_TRUE(aim::Run::try_open(options)->try_track("loss", 1.0)); }
    const auto repo = aim::Repo::try_open(path);
    aim::QueryOptions query;
    query.no_index = true;
    query.progress = [](std::uint64_t, std::uint64_t) { return false; };
    EXPECT_EQ(repo->try_query_metrics("run.active or True", query).error().code(), aim::ErrorCode::cancelled);
    aim::set_log_callback(aim::LogLevel::error, [](aim::LogLevel, aim::TextView) {});
    aim::clear_log_callback();
}

} // namespace
