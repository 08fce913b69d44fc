// Trains a small neural network on handwritten digits twice, with two learning rates; tracks both runs with libaim and
// reads them back.
//
//     digits [REPO [DIGITS.CSV]]        default: . examples/data/digits.csv
//
// data.hpp and mlp.hpp know nothing of libaim; tracker.hpp and report.hpp know nothing of neural networks.

#include "data.hpp"
#include "mlp.hpp"
#include "report.hpp"
#include "tracker.hpp"

#include <chrono>
#include <cstdio>
#include <exception>

struct Settings {
    double lr;
    double momentum = 0.9;
    std::size_t batch_size = 32;
    std::size_t hidden = 64;
    int epochs = 60;
    unsigned seed = 42;
};

void set_params(aim_run *run, const Settings &s, const Split &data) {
    // A whole dictionary at once, as JSON ...
    const std::string model =
        "{\"kind\": \"mlp\", \"activation\": \"relu\", \"hidden\": " + std::to_string(s.hidden) + "}";
    const std::string dataset = "{\"name\": \"optical digits\", \"train\": " + std::to_string(data.train.size()) +
                                ", \"val\": " + std::to_string(data.val.size()) + "}";
    call(aim_run_set_param, run, "model", model.c_str());
    call(aim_run_set_param, run, "dataset", dataset.c_str());
    // ... or value by value, each at its place in the tree.
    call(aim_run_set_param_double, run, "/hparams/lr", s.lr);
    call(aim_run_set_param_double, run, "/hparams/momentum", s.momentum);
    call(aim_run_set_param_int64, run, "/hparams/batch_size", static_cast<std::int64_t>(s.batch_size));
    call(aim_run_set_param_int64, run, "/hparams/epochs", s.epochs);
    call(aim_run_set_param_int64, run, "/hparams/seed", static_cast<std::int64_t>(s.seed));
}

// Trains one model and returns the hash of its run.
std::string train(const std::string &repo, const Split &data, const Settings &s) {
    const auto started = std::chrono::steady_clock::now();
    const auto run = new_run(repo, "digits");
    set_params(run.get(), s, data);

    const char *on_train = "{\"subset\": \"train\"}", *on_val = "{\"subset\": \"val\"}";
    const auto batch_loss = new_metric(run.get(), "batch_loss", on_train);
    const auto train_loss = new_metric(run.get(), "loss", on_train);
    const auto train_accuracy = new_metric(run.get(), "accuracy", on_train);
    const auto val_loss = new_metric(run.get(), "loss", on_val);
    const auto val_accuracy = new_metric(run.get(), "accuracy", on_val);

    std::mt19937 rng(s.seed);
    Mlp model(s.hidden, rng);
    std::vector<Image> images = data.train;
    std::int64_t step = 0;
    for (int epoch = 1; epoch <= s.epochs; epoch++) {
        shuffle(images, rng);
        for (std::size_t begin = 0; begin < images.size(); begin += s.batch_size) {
            const std::size_t end = std::min(begin + s.batch_size, images.size());
            const Score score = model.train_batch(images, begin, end, static_cast<float>(s.lr),
                                                  static_cast<float>(s.momentum));
            track(batch_loss, score.loss, step++, epoch);
        }
        const Score on_train_set = model.evaluate(data.train), on_val_set = model.evaluate(data.val);
        track(train_loss, on_train_set.loss, epoch, epoch);
        track(train_accuracy, on_train_set.accuracy, epoch, epoch);
        track(val_loss, on_val_set.loss, epoch, epoch);
        track(val_accuracy, on_val_set.accuracy, epoch, epoch);
    }

    const std::string hash = aim_run_hash(run.get());
    call(aim_run_close, run.get());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    std::printf("  run %s: learning rate %g, %d epochs, %lld steps, %.1f s\n", hash.c_str(), s.lr, s.epochs,
                static_cast<long long>(step), seconds.count());
    return hash;
}

int main(int argc, char **argv) try {
    const std::string repo = argc > 1 ? argv[1] : ".";
    const Split data = load_digits(argc > 2 ? argv[2] : "examples/data/digits.csv");

    std::printf("\nTraining on %zu images of handwritten digits, %zu more for validation\n\n", data.train.size(),
                data.val.size());
    std::vector<std::string> hashes;
    for (const double lr : {0.002, 0.05}) {
        Settings settings;
        settings.lr = lr;
        hashes.push_back(train(repo, data, settings));
    }

    const auto runs = read_runs(repo, hashes);
    std::printf("\nRead back from %s/.aim\n\n", repo.c_str());
    print_table(runs);
    std::printf("\n");
    print_plot(runs);
    std::printf("\n");
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "digits: %s\n", error.what());
    return 1;
}
