// What does aim.hpp add to the C call? Tracks through both in turn, in one run, and prints medians.
//
//     overhead DIRECTORY
#include <aim.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

constexpr int kRounds = 101, kCalls = 20000;

struct Way {
    const char *name;
    int base; // what it is compared with: a number of `ways`
    std::function<void()> track_all;
    std::vector<double> nanoseconds = {};

    double median() {
        std::sort(nanoseconds.begin(), nanoseconds.end());
        return nanoseconds[nanoseconds.size() / 2];
    }
};

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: overhead DIRECTORY\n");
        return 1;
    }
    aim::RunOptions options;
    options.repo = argv[1];
    const aim::Run run(options);
    const aim::Value context = {{"subset", "train"}};
    const char *const c_context = R"({"subset": "train"})";
    const aim::Metric metric = run.metric("loss", context);
    const aim_metric *const c_metric = metric.handle();
    const aim_run *const c_run = run.handle();

    std::vector<Way> ways = {
        {"aim_metric_track", 0,
         [&] {
             for (int i = 0; i < kCalls; i++)
                 if (aim_metric_track(c_metric, i * 0.5, i, AIM_EPOCH_NONE) != AIM_OK) std::abort();
         }},
        {"Metric::track", 0,
         [&] {
             for (int i = 0; i < kCalls; i++) metric.track(i * 0.5, i);
         }},
        {"Metric::try_track", 0,
         [&] {
             for (int i = 0; i < kCalls; i++)
                 if (!metric.try_track(i * 0.5, i)) std::abort();
         }},
        {"aim_run_track", 3,
         [&] {
             for (int i = 0; i < kCalls; i++)
                 if (aim_run_track(c_run, "loss", i * 0.5, i, AIM_EPOCH_NONE, c_context, nullptr) != AIM_OK)
                     std::abort();
         }},
        {"Run::track, a context made once", 3,
         [&] {
             for (int i = 0; i < kCalls; i++) run.track("loss", i * 0.5, i, aim::no_epoch, context);
         }},
        {"Run::track, a context in braces", 3,
         [&] {
             for (int i = 0; i < kCalls; i++) run.track("loss", i * 0.5, i, aim::no_epoch, {{"subset", "train"}});
         }},
    };
    for (int round = -3; round < kRounds; round++) // three rounds to warm up
        for (Way &way : ways) {
            const auto start = std::chrono::steady_clock::now();
            way.track_all();
            const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
            if (round >= 0) way.nanoseconds.push_back(took.count() / kCalls);
            run.flush(); // the journal never fills: this is the cost of the call alone
        }
    for (Way &way : ways) {
        const double median = way.median(), base = ways[static_cast<std::size_t>(way.base)].median();
        std::printf("%-33s %6.1f ns  %5.2f x %s\n", way.name, median, median / base,
                    ways[static_cast<std::size_t>(way.base)].name);
    }
    run.close();
}
