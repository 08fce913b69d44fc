// Tracks values in the repository DIRECTORY and reads them back.
#include <aim.hpp>

int main(int argc, char **argv) {
    aim::RunOptions options;
    options.repo = argc > 1 ? argv[1] : ".";
    const aim::Run run(options);
    run.set_param("hparams", {{"lr", 1e-4}});
    const aim::Metric loss = run.metric("loss");
    for (int step = 0; step < 100; step++) loss.track(1.0 / (step + 1), step);
    run.close();
    for (const aim::MetricRow row : aim::Repo(options.repo).query_metrics("run.hash == '" + std::string(run.hash()) + "'"))
        return row.values().size() == 100 && row.param<double>("/hparams/lr") == 1e-4 ? 0 : 1;
    return 2;
}
