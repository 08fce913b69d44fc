// aim::Repo, aim::Query and its rows against the library.
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <vector>
#if defined(__cpp_lib_ranges)
#include <ranges>
#endif
#if defined(__cpp_lib_span)
#include <span>
#endif

namespace {

static_assert(!std::is_copy_constructible_v<aim::Repo> && std::is_nothrow_move_constructible_v<aim::Repo>);
static_assert(!std::is_copy_constructible_v<aim::RunQuery> && std::is_nothrow_move_constructible_v<aim::RunQuery>);

// A repository with three finished runs, lr 0.1, 0.01 and 0.001, each with loss and acc of 1000 points.
class Queries : public Scratch {
  protected:
    void SetUp() override {
        for (const double lr : {0.1, 0.01, 0.001}) {
            options.experiment = "sweep";
            const aim::Run run(options);
            hashes.emplace_back(run.hash());
            run.set_param("hparams", {{"lr", lr}});
            run.add_tag("test");
            const aim::Metric loss = run.metric("loss", {{"subset", "train"}}), acc = run.metric("acc");
            for (int step = 0; step < 1000; step++) {
                loss.track(1.0 / (step + 1), step, step / 100);
                acc.track(step == 500 ? 9 : 0.5);
            }
            run.close();
        }
    }

    std::vector<std::string> hashes;
};

TEST_F(Queries, RunsAreARange) {
    const aim::Repo repo(path);
    const aim::RunQuery runs = repo.query_runs("run.hparams.lr > 0.005");
    std::vector<std::string> found;
    for (const aim::RunRow run : runs) found.emplace_back(run.run_hash());
    EXPECT_EQ(found, (std::vector<std::string>{hashes[1], hashes[0]}));
    EXPECT_EQ(runs[1].param<double>("/hparams/lr"), 0.1);
    EXPECT_EQ(runs[1].param_json("hparams"), R"({"lr":0.1})");
    EXPECT_EQ(runs[1].params_json(), R"({"hparams":{"lr":0.1}})");
    EXPECT_EQ(thrown_code([&] { runs[0].param_json("none"); }), aim::ErrorCode::not_found);
    EXPECT_EQ(repo.query_runs().size(), 3u);
    EXPECT_TRUE(repo.query_runs("run.hparams.lr > 1").empty());
}

TEST_F(Queries, InAnyOrder) {
    const aim::Repo repo(path);
    aim::QueryOptions asked;
    asked.order_by = "run.hparams.lr";
    EXPECT_EQ(repo.query_runs("", asked)[0].run_hash(), hashes[2]);
    asked.descending = true;
    asked.limit = 1;
    EXPECT_EQ(repo.query_runs("", asked)[0].run_hash(), hashes[0]);
    asked.order_by = "metric.max";
    EXPECT_EQ(repo.query_metrics("", asked)[0].name(), "acc");
    asked.order_by = "run.";
    EXPECT_EQ(thrown_code([&] { repo.query_runs("", asked); }), aim::ErrorCode::syntax);
}

TEST_F(Queries, InParts) {
    const aim::Repo repo(path);
    std::size_t rows = 0, told = 0;
    aim::QueryOptions asked;
    asked.progress = [&](std::uint64_t, std::uint64_t) { return ++told > 0; };
    aim::MetricCursor cursor = repo.stream_metrics("metric.name == 'loss'", asked);
    aim::MetricCursor moved = std::move(cursor);
    while (std::optional<aim::MetricQuery> part = moved.next())
        for (const aim::MetricRow row : *part) rows += row.values().size() == 1000;
    EXPECT_EQ(rows, 3u);
    EXPECT_GT(told, 0u);
    EXPECT_FALSE(moved.next());
    EXPECT_EQ(thrown_code([&] { repo.stream_runs("run.").next(); }), aim::ErrorCode::syntax);
    asked.progress = [](std::uint64_t, std::uint64_t) -> bool { throw std::out_of_range("enough"); };
    aim::RunCursor stopped = repo.stream_runs("", asked);
    EXPECT_THROW(stopped.next(), std::out_of_range);
}

TEST_F(Queries, PropertiesOfARun) {
    const aim::Repo repo(path);
    aim::RunProperties properties = repo.query_runs().front().properties();
    EXPECT_EQ(properties.hash, hashes[2]);
    EXPECT_EQ(properties.experiment, "sweep");
    EXPECT_EQ(properties.name, "Run: " + hashes[2]);
    EXPECT_EQ(properties.description, "");
    EXPECT_EQ(properties.tags, std::vector<std::string>{"test"});
    EXPECT_FALSE(properties.archived);
    EXPECT_EQ(properties.status, "finished");
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_NEAR(properties.created_at, now.count(), 3600);
    ASSERT_TRUE(properties.finalized_at);
    EXPECT_GE(*properties.finalized_at, properties.created_at);

    const aim::Run running(options);
    running.set_name("\"odd\", {name} [1]");
    properties = repo.query_runs().front().properties();
    EXPECT_EQ(properties.name, "\"odd\", {name} [1]");
    EXPECT_EQ(properties.status, "running");
    EXPECT_FALSE(properties.finalized_at);
}

TEST_F(Queries, MetricsLendTheirColumns) {
    aim::MetricQuery metrics = aim::Repo(path).query_metrics("metric.name == 'loss'"); // outlives the repository
    ASSERT_EQ(metrics.size(), 3u);
    const aim::MetricRow row = metrics.front();
    EXPECT_EQ(row.run_hash(), hashes[2]);
    EXPECT_EQ(row.name(), "loss");
    EXPECT_EQ(row.context(), R"({"subset":"train"})");
    EXPECT_EQ(row.param<double>("/hparams/lr"), 0.001);

    const aim::MetricInfo info = row.info();
    EXPECT_EQ(info.count, 1000u);
    EXPECT_EQ(info.first_step, 0);
    EXPECT_EQ(info.last_step, 999);
    EXPECT_EQ(info.max, 1.0);
    EXPECT_EQ(info.last, 0.001);

    const aim::Values values = row.values();
    ASSERT_EQ(values.size(), 1000u);
    EXPECT_EQ(values.steps[999], 999);
    EXPECT_EQ(values.epochs.back(), 9);
    EXPECT_EQ(values.values[3], 0.25);
    EXPECT_TRUE(std::is_sorted(values.times.begin(), values.times.end()));
    const aim::MetricQuery moved = std::move(metrics);
    EXPECT_EQ(row.values().values.data(), values.values.data()); // no copy, and moving the query moves nothing
    EXPECT_EQ(std::accumulate(values.steps.rbegin(), values.steps.rend(), std::int64_t{0}), 499500);
}

TEST_F(Queries, SamplesForPlots) {
    const aim::MetricQuery metrics = aim::Repo(path).query_metrics("metric.name == 'acc'");
    const aim::Sample sample = metrics[0].sample(20);
    const aim::Values values = sample.values();
    EXPECT_LE(values.size(), 20u);
    EXPECT_EQ(values.steps.front(), 0);
    EXPECT_EQ(values.steps.back(), 999);
    EXPECT_EQ(*std::max_element(values.values.begin(), values.values.end()), 9); // the outlier is kept
    const aim::Sample stride = metrics[0].sample(20, aim::SampleMethod::stride);
    EXPECT_LE(stride.values().size(), 20u);
    EXPECT_EQ(thrown_code([&] { metrics[0].sample(3); }), aim::ErrorCode::invalid_argument);
}

TEST_F(Queries, IteratorsHaveRandomAccess) {
    const aim::MetricQuery metrics = aim::Repo(path).query_metrics();
    auto it = metrics.begin();
    EXPECT_EQ(metrics.end() - it, 6);
    EXPECT_EQ((it + 2)->name(), metrics[2].name());
    EXPECT_EQ((*++it).run_hash(), metrics[1].run_hash());
    EXPECT_EQ(it--, metrics.begin() + 1);
    EXPECT_EQ(it++, metrics.begin());
    EXPECT_LT(metrics.begin(), it);
    it += 2;
    it -= 1;
    EXPECT_EQ(it[2].run_hash(), metrics[4].run_hash());
    EXPECT_EQ(std::count_if(metrics.begin(), metrics.end(), [](const auto &row) { return row.name() == "acc"; }), 3);
    EXPECT_EQ(metrics.back().name(), "loss");
}

#if defined(__cpp_lib_ranges) && defined(__cpp_lib_span)
TEST_F(Queries, JoinsInWithRangesAndSpans) {
    static_assert(std::ranges::random_access_range<const aim::MetricQuery>);
    static_assert(std::ranges::sized_range<const aim::MetricQuery>);
    static_assert(std::ranges::contiguous_range<aim::Span<const double>>);
    static_assert(std::ranges::borrowed_range<aim::Span<const double>>);
    const aim::MetricQuery metrics = aim::Repo(path).query_metrics();
    EXPECT_EQ(std::ranges::count(metrics, "loss", &aim::MetricRow::name), 3);
    EXPECT_EQ(std::ranges::max(metrics[0].values().values), 9.0);
    const std::span<const double> span = metrics[0].values().values;
    EXPECT_EQ(span.size(), 1000u);
    const aim::Run run(options);
    run.metric("copy").track_many(span);
    EXPECT_EQ(aim::Repo(path).query_metrics("metric.name == 'copy'")[0].info().count, 1000u);
}
#endif

TEST_F(Queries, WindowsAndIndexes) {
    const aim::Repo repo(path);
    aim::QueryOptions query;
    query.offset = 1;
    query.limit = 1;
    const aim::RunQuery middle = repo.query_runs("", query);
    ASSERT_EQ(middle.size(), 1u);
    EXPECT_EQ(middle[0].run_hash(), hashes[1]);
    query = {};
    query.no_index = true;
    EXPECT_EQ(repo.query_runs("run.hparams.lr == 0.01", query).size(), 1u);
}

TEST_F(Queries, ProgressCancels) {
    const aim::Repo repo(path);
    std::uint64_t total = 0;
    aim::QueryOptions query;
    query.no_index = true;
    query.progress = [&](std::uint64_t, std::uint64_t runs) {
        total = runs;
        return false;
    };
    const auto answer = repo.try_query_metrics("run.hparams.lr > 0", query);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), aim::ErrorCode::cancelled);
    EXPECT_EQ(total, 3u);
}

TEST_F(Queries, WhatProgressThrowsReachesTheCaller) {
    const aim::Repo repo(path);
    aim::QueryOptions query;
    query.no_index = true;
    query.progress = [](std::uint64_t, std::uint64_t) -> bool { throw std::logic_error("enough"); };
    EXPECT_THROW(repo.query_runs("run.hparams.lr > 0", query), std::logic_error);
}

TEST_F(Queries, FailuresAndSyntax) {
    const aim::Repo repo(path);
    const aim::RunQuery runs = repo.query_runs("run.hparams.lr + 'a' == 1");
    EXPECT_TRUE(runs.empty());
    const aim::QueryFailures failures = runs.failures();
    EXPECT_EQ(failures.count, 3u);
    EXPECT_NE(failures.reason, "");
    EXPECT_EQ(repo.query_runs().failures().count, 0u);
    EXPECT_EQ(repo.query_runs().warning(), "");
    EXPECT_EQ(repo.query_runs().failures().reason, "");
    EXPECT_EQ(thrown_code([&] { repo.query_runs("run.hparams.lr >"); }), aim::ErrorCode::syntax);
}

TEST_F(Queries, ExplainsItself) {
    const aim::Repo repo(path);
    EXPECT_NE(repo.explain("run.hparams.lr > 0.005").find("lr"), std::string::npos);
    EXPECT_EQ(thrown_code([&] { repo.explain("run."); }), aim::ErrorCode::syntax);
}

// As the Arrow specification defines it.
struct ArrowStream {
    int (*get_schema)(ArrowArrayStream *, void *);
    int (*get_next)(ArrowArrayStream *, void *);
    const char *(*get_last_error)(ArrowArrayStream *);
    void (*release)(ArrowArrayStream *);
    void *private_data;
};

TEST_F(Queries, FillsAnArrowStream) {
    ArrowStream stream{};
    auto *const arrow = reinterpret_cast<ArrowArrayStream *>(&stream);
    const aim::Repo repo(path);
    repo.query_arrow("metric.name == 'loss'", aim::QueryKind::metrics, arrow);
    ASSERT_NE(stream.release, nullptr);
    stream.release(arrow);
    EXPECT_EQ(stream.release, nullptr);
    EXPECT_EQ(thrown_code([&] { repo.query_arrow("run.", aim::QueryKind::runs, arrow); }), aim::ErrorCode::syntax);
}

TEST_F(Queries, Table) {
    const auto table = nlohmann::json::parse(aim::Repo(path).query_runs().table_json());
    ASSERT_EQ(table.size(), 3u);
    EXPECT_EQ(table[0]["hash"], hashes[2]);
    EXPECT_EQ(table[0]["params"]["/hparams/lr"], 0.001);
}

TEST_F(Queries, DeletesRunsAndCounts) {
    const aim::Repo repo(path);
    EXPECT_EQ(repo.stats().runs, 3u);
    repo.delete_run(repo.query_runs().front().run_hash());
    EXPECT_EQ(repo.stats().runs, 2u);
    EXPECT_EQ(repo.query_runs().front().run_hash(), hashes[1]);
    EXPECT_EQ(thrown_code([&] { repo.delete_run(hashes[2]); }), aim::ErrorCode::not_found);
    const aim::Run run(options);
    EXPECT_EQ(thrown_code([&] { repo.delete_run(run.hash()); }), aim::ErrorCode::busy);
}

TEST_F(Queries, SalvagesIntoANewRepository) {
    const std::string into = path + "/salvaged";
    const aim::SalvageReport report = aim::Repo::salvage(path, into);
    EXPECT_EQ(report.runs, 3u);
    EXPECT_EQ(report.lost_pages + report.lost_rows, 0u);
    EXPECT_EQ(aim::Repo(into).query_runs().front().run_hash(), aim::Repo(path).query_runs().front().run_hash());
    EXPECT_EQ(aim::Repo::try_salvage(path, into).error().code(), aim::ErrorCode::invalid_argument);
}

TEST_F(Queries, Compacts) {
    aim::Repo(path).delete_run(hashes[0]);
    const aim::CompactReport report = aim::Repo::compact(path);
    EXPECT_GE(report.bytes_before, report.bytes_after);
    const aim::Repo repo(path);
    EXPECT_EQ(repo.query_runs().size(), 2u);
    EXPECT_EQ(aim::Repo::try_compact(path).error().code(), aim::ErrorCode::busy);
}

TEST_F(Queries, NoSuchRepository) {
    EXPECT_EQ(thrown_code([&] { aim::Repo repo(path + "/none"); }), aim::ErrorCode::not_found);
    aim::Repo repo(path);
    const aim::Repo moved = std::move(repo);
    EXPECT_EQ(thrown_code([&] { repo.query_runs(); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(moved.query_runs().size(), 3u);
}

} // namespace
