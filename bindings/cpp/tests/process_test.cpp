// The program around the binding: messages, threads, forks, objects that are never closed.
#include "support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using Library = Scratch;
using Process = Scratch;

TEST_F(Library, TellsItsVersion) {
    EXPECT_EQ(aim::version(), AIM_VERSION);
    EXPECT_TRUE(aim::has("git"));
    EXPECT_FALSE(aim::has("gi"));
    EXPECT_STREQ(aim::version().c_str(), AIM_VERSION);
}

// Leaves a run of a process that died, whose recovery the library reports.
void leave_crashed_run(const aim::RunOptions &options) {
    const pid_t child = fork();
    if (child == 0) {
        const aim::Run run(options);
        run.track("loss", 1.0);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
}

TEST_F(Library, SendsItsMessages) {
    std::mutex mutex;
    std::vector<std::string> messages;
    leave_crashed_run(options);
    aim::set_log_callback(aim::LogLevel::debug, [&](aim::LogLevel level, aim::TextView message) {
        EXPECT_GE(level, aim::LogLevel::debug);
        const std::lock_guard<std::mutex> lock(mutex);
        messages.emplace_back(message);
    });
    aim::Repo{path};
    aim::clear_log_callback();
    {
        const std::lock_guard<std::mutex> lock(mutex);
        EXPECT_FALSE(messages.empty());
        messages.clear();
    }
    leave_crashed_run(options);
    aim::Repo{path};
    EXPECT_TRUE(messages.empty());
}

TEST_F(Library, SurvivesACallbackThatThrows) {
    leave_crashed_run(options);
    std::atomic<int> calls{0};
    aim::set_log_callback(aim::LogLevel::debug, [&](aim::LogLevel, aim::TextView) {
        calls++;
        throw std::runtime_error("from the callback");
    });
    EXPECT_EQ(aim::Repo(path).query_runs().size(), 1u);
    aim::clear_log_callback();
    EXPECT_GT(calls, 0);
}

TEST_F(Process, TracksFromManyThreads) {
    const aim::Run run(options);
    const aim::Metric shared = run.metric("shared");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&, t] {
            const aim::Metric own = run.metric("own", {{"thread", t}});
            for (int step = 0; step < 1000; step++) {
                shared.track(t);
                own.track(step, step);
                if (step % 100 == 0) run.set_param("/thread/" + std::to_string(t), step);
            }
        });
    for (std::thread &thread : threads) thread.join();
    run.close();
    const auto metrics = aim::Repo(path).query_metrics();
    ASSERT_EQ(metrics.size(), 5u);
    EXPECT_EQ(metrics.back().name(), "shared");
    EXPECT_EQ(metrics.back().info().count, 4000u);
    EXPECT_EQ(metrics[0].info().count, 1000u);
    EXPECT_EQ(metrics[0].param<int>("/thread/3"), 900);
}

TEST_F(Process, AnswersForkedInAChild) {
    auto run = std::make_unique<aim::Run>(options);
    auto metric = std::make_unique<aim::Metric>(run->metric("loss"));
    auto repo = std::make_unique<aim::Repo>(path);
    metric->track(1.0);
    const pid_t child = fork();
    if (child == 0) {
        const auto forked = [](const auto &result) { return !result && result.error().code() == aim::ErrorCode::forked; };
        const bool right = forked(metric->try_track(2.0)) && forked(run->try_set_param("a", 1)) &&
                           forked(run->try_close()) && forked(repo->try_query_runs());
        metric.reset();
        repo.reset();
        run.reset();
        _exit(right ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    metric->track(2.0);
    run->close();
    EXPECT_EQ(repo->query_metrics()[0].info().count, 2u);
}

// Keeps a run that nobody closes, in objects that live until the process ends.
[[noreturn]] void exit_without_close(const std::string &repo) {
    aim::RunOptions options;
    options.repo = repo;
    static const aim::Run run(options);
    static const aim::Metric metric = run.metric("loss");
    for (int step = 0; step < 1000; step++) metric.track(step);
    run.set_param("last", "word");
    std::exit(0);
}

TEST_F(Process, LosesNothingThatIsNeverClosed) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe"; // starts the program anew, up to here
    setenv("AIM_TEST_REPO", path.c_str(), 0);
    if (path != std::getenv("AIM_TEST_REPO")) std::filesystem::remove_all(path);
    EXPECT_EXIT(exit_without_close(std::getenv("AIM_TEST_REPO")), testing::ExitedWithCode(0), "");
    const auto metrics = aim::Repo(path).query_metrics();
    ASSERT_EQ(metrics.size(), 1u);
    EXPECT_EQ(metrics[0].info().count, 1000u);
    EXPECT_EQ(metrics[0].param<std::string>("last"), "word");
    EXPECT_NE(metrics[0].properties().status, "running");
}

TEST_F(Process, DestroyedWithoutCloseTheRunKeepsItsPoints) {
    std::string hash;
    {
        const aim::Run run(options);
        hash = run.hash();
        run.track("loss", 1.0);
    }
    const aim::Repo repo(path);
    const auto metrics = repo.query_metrics("run.hash == '" + hash + "'");
    ASSERT_EQ(metrics.size(), 1u);
    EXPECT_EQ(metrics[0].info().count, 1u);
}

} // namespace
