// Trains a small neural network on handwritten digits twice, with two learning rates; tracks both runs with libaim, the
// pictures that they take for another digit, how their weights are distributed and their checkpoints among it; and reads
// them back.
//
//     digits [REPO [DIGITS.CSV]]        default: . examples/data/digits.csv
//
// data.hpp and mlp.hpp know nothing of libaim; report.hpp knows nothing of neural networks.

#include "data.hpp"
#include "mlp.hpp"
#include "report.hpp"

#include <aim.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

struct Settings {
    double lr;
    double momentum = 0.9;
    std::size_t batch_size = 32;
    std::size_t hidden = 64;
    int epochs = 60;
    unsigned seed = 42;
};

void set_params(const aim::Run &run, const Settings &s, const Split &data) {
    // A whole dictionary at once ...
    run.set_param("model", {{"kind", "mlp"}, {"activation", "relu"}, {"hidden", s.hidden}});
    run.set_param("dataset", {{"name", "optical digits"}, {"train", data.train.size()}, {"val", data.val.size()}});
    // ... or value by value, each at its place in the tree.
    run.set_param("/hparams/lr", s.lr);
    run.set_param("/hparams/momentum", s.momentum);
    run.set_param("/hparams/batch_size", s.batch_size);
    run.set_param("/hparams/epochs", s.epochs);
    run.set_param("/hparams/seed", s.seed);
}

// Tracks how the weights of both layers are distributed.
void track_weights(const aim::Run &run, const Mlp &model, int epoch) {
    const auto track = [&](const char *layer, const Dense &dense) {
        const aim::Sequence sequence = run.sequence(aim::ObjectKind::distributions, "weights", {{"layer", layer}});
        sequence.track_values(aim::Span<const float>(dense.weights()), epoch, 64, epoch);
    };
    track("first", model.first());
    track("second", model.second());
}

// Tracks the images that the model takes for another digit: all of them as one point.
void track_mistakes(const aim::Run &run, Mlp &model, const std::vector<Image> &images, int epoch) {
    std::vector<aim::Pixels> mistakes;
    for (const Image &image : images) {
        const int guess = model.classify(image);
        if (guess == image.label) continue;
        aim::Pixels pixels(image.pixels.data(), 8, 8, 1);
        pixels.caption("a " + std::to_string(image.label) + ", taken for a " + std::to_string(guess));
        mistakes.push_back(pixels);
    }
    run.sequence(aim::ObjectKind::images, "mistakes", {{"subset", "val"}})
        .track_pixels(mistakes, epoch, epoch);
}

// Writes the model to a file and logs that as an artifact; the repository keeps a copy.
void log_checkpoint(const aim::Run &run, const Mlp &model, const std::string &path, int epoch) {
    model.save(path);
    aim::ArtifactOptions checkpoint;
    checkpoint.name = "model";
    checkpoint.kind = "checkpoint";
    checkpoint.step = epoch;
    checkpoint.mode = aim::ArtifactMode::copy;
    checkpoint.wait = true; // the next checkpoint has the same path
    run.log_artifact(path, checkpoint);
}

// Trains one model and returns the hash of its run.
std::string train(const std::string &repo, const Split &data, const Settings &s) {
    const auto started = std::chrono::steady_clock::now();
    aim::RunOptions options;
    options.repo = repo;
    options.experiment = "digits";
    const aim::Run run(options);
    set_params(run, s, data);

    const aim::Value on_train = {{"subset", "train"}}, on_val = {{"subset", "val"}};
    const aim::Metric batch_loss = run.metric("batch_loss", on_train);
    const aim::Metric train_loss = run.metric("loss", on_train), train_accuracy = run.metric("accuracy", on_train);
    const aim::Metric val_loss = run.metric("loss", on_val), val_accuracy = run.metric("accuracy", on_val);

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
            batch_loss.track(score.loss, step++, epoch);
        }
        const Score on_train_set = model.evaluate(data.train), on_val_set = model.evaluate(data.val);
        train_loss.track(on_train_set.loss, epoch, epoch);
        train_accuracy.track(on_train_set.accuracy, epoch, epoch);
        val_loss.track(on_val_set.loss, epoch, epoch);
        val_accuracy.track(on_val_set.accuracy, epoch, epoch);
        if (epoch % 10 == 0) track_weights(run, model, epoch);
        if (epoch % 30 == 0) log_checkpoint(run, model, repo + "/digits.ckpt", epoch);
    }
    track_mistakes(run, model, data.val, s.epochs);

    run.close();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    std::printf("  run %s: learning rate %g, %d epochs, %lld steps, %.1f s\n", run.hash().c_str(), s.lr, s.epochs,
                static_cast<long long>(step), seconds.count());
    return std::string(run.hash());
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
    print_kept(runs);
    std::printf("\n");
    print_plot(runs);
    std::printf("\n");
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "digits: %s\n", error.what());
    return 1;
}
