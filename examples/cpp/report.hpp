// Reads the runs back from the repository and prints them: a table and a plot of the loss curves.
#pragma once

#include <aim.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

using Curve = std::vector<double>;

struct TrackedRun {
    std::string hash;
    double lr;
    int batch_size, hidden;
    Curve train_loss, val_loss, val_accuracy; // one value per epoch
    std::size_t mistakes, histograms;
    std::string mistake; // what the first of them shows
    std::vector<aim::Artifact> checkpoints;
};

inline TrackedRun read_run(const aim::Repo &repo, const std::string &hash) {
    const std::string this_run = "run.hash == '" + hash + "'";
    const auto curve = [&](const std::string &name, const std::string &subset) {
        const auto found = repo.query_metrics(this_run + " and metric.name == '" + name +
                                              "' and metric.context.subset == '" + subset + "'");
        if (found.empty()) throw std::runtime_error("run " + hash + " came back without the " + name + " of " + subset);
        const auto values = found[0].values().values;
        return Curve(values.begin(), values.end());
    };
    const auto found = repo.query_runs(this_run);
    if (found.empty()) throw std::runtime_error("run " + hash + " did not come back");
    const aim::RunRow run = found[0];
    const auto images = repo.query_objects(aim::ObjectKind::images, this_run + " and images.name == 'mistakes'");
    if (images.empty()) throw std::runtime_error("run " + hash + " came back without its pictures");
    const aim::Objects mistakes = images.front().objects();
    std::size_t histograms = 0;
    for (const aim::ObjectRow layer : repo.query_objects(aim::ObjectKind::distributions, this_run))
        histograms += layer.objects().size();
    return {hash,
            run.param<double>("/hparams/lr"),
            run.param<int>("/hparams/batch_size"),
            run.param<int>("/model/hidden"),
            curve("loss", "train"),
            curve("loss", "val"),
            curve("accuracy", "val"),
            mistakes.size(),
            histograms,
            mistakes.size() == 0 ? "" : mistakes.info(0).caption,
            repo.artifacts(hash)};
}

inline std::vector<TrackedRun> read_runs(const std::string &repo_path, const std::vector<std::string> &hashes) {
    const aim::Repo repo(repo_path);
    std::vector<TrackedRun> runs;
    for (const auto &hash : hashes) runs.push_back(read_run(repo, hash));
    return runs;
}

inline double lowest(const Curve &curve) { return *std::min_element(curve.begin(), curve.end()); }
inline double highest(const Curve &curve) { return *std::max_element(curve.begin(), curve.end()); }

inline void print_table(const std::vector<TrackedRun> &runs) {
    std::printf("  %-10s %8s %7s %7s   %17s   %17s   %17s\n", "", "learning", "batch", "hidden", "train loss, nats",
                "val loss, nats", "val accuracy, %");
    std::printf("  %-10s %8s %7s %7s   %8s %8s   %8s %8s   %8s %8s\n", "run", "rate", "size", "units", "last", "best",
                "last", "best", "last", "best");
    for (const TrackedRun &run : runs)
        std::printf("  %-10.8s %8g %7d %7d   %8.4f %8.4f   %8.4f %8.4f   %8.1f %8.1f\n", run.hash.c_str(), run.lr,
                    run.batch_size, run.hidden, run.train_loss.back(), lowest(run.train_loss), run.val_loss.back(),
                    lowest(run.val_loss), 100 * run.val_accuracy.back(), 100 * highest(run.val_accuracy));
}

// What else the runs have.
inline void print_kept(const std::vector<TrackedRun> &runs) {
    std::printf("\n");
    for (const TrackedRun &run : runs) {
        std::printf("  %-10.8s %zu mistakes as pictures (%s), %zu histograms of weights", run.hash.c_str(), run.mistakes,
                    run.mistake.c_str(), run.histograms);
        for (const aim::Artifact &file : run.checkpoints)
            std::printf(", %s v%lld of %lld bytes", file.name.c_str(), static_cast<long long>(file.version.value_or(-1)),
                        static_cast<long long>(file.size.value_or(0)));
        std::printf("\n");
    }
}

// Plots the validation losses over the epochs; the loss axis is logarithmic.
inline void print_plot(const std::vector<TrackedRun> &runs) {
    constexpr int kRows = 15, kColumns = 60;
    constexpr char kMarks[] = "o+x#";
    double low = lowest(runs[0].val_loss), high = highest(runs[0].val_loss);
    std::size_t epochs = 1;
    for (const TrackedRun &run : runs) {
        low = std::min(low, lowest(run.val_loss));
        high = std::max(high, highest(run.val_loss));
        epochs = std::max(epochs, run.val_loss.size());
    }
    const auto row_of = [&](double loss) {
        return static_cast<int>(std::lround((kRows - 1) * std::log(high / loss) / std::log(high / low)));
    };

    bool overlap = false;
    std::vector<std::string> canvas(kRows, std::string(kColumns, ' '));
    for (std::size_t r = 0; r < runs.size(); r++)
        for (int column = 0; column < kColumns; column++) {
            const double at = static_cast<double>(column) / (kColumns - 1) * static_cast<double>(epochs - 1);
            const auto epoch = static_cast<std::size_t>(std::lround(at));
            if (epoch >= runs[r].val_loss.size()) continue;
            const int row = row_of(runs[r].val_loss[epoch]);
            char &cell = canvas[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
            overlap = overlap || cell != ' ';
            cell = cell == ' ' ? kMarks[r % 4] : '*';
        }

    std::printf("  validation loss, nats (logarithmic)\n");
    for (int row = 0; row < kRows; row++) {
        const double loss = high * std::pow(low / high, static_cast<double>(row) / (kRows - 1));
        const std::string &line = canvas[static_cast<std::size_t>(row)];
        if (row % 2 == 0)
            std::printf("  %7.3f |%s\n", loss, line.c_str());
        else
            std::printf("          |%s\n", line.c_str());
    }
    std::printf("          +%s\n", std::string(kColumns, '-').c_str());
    std::printf("           %-*d%zu epochs\n", kColumns - 2, 1, epochs);
    for (std::size_t r = 0; r < runs.size(); r++)
        std::printf("           %c  run %.8s, learning rate %g\n", kMarks[r % 4], runs[r].hash.c_str(), runs[r].lr);
    if (overlap) std::printf("           *  more than one\n");
}
