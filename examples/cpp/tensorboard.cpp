// A program as it was written for TensorBoard, with aim::SummaryWriter in place of its writer.
//
//     c++ -std=c++17 -O2 tensorboard.cpp -o tensorboard -laim && ./tensorboard REPO
//
// It fits a line by gradient descent.
#include <aim/summary_writer.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char **argv) {
    aim::RunOptions options;
    options.repo = argc > 1 ? argv[1] : ".";
    const double rate = 0.2;
    aim::SummaryWriter writer(*options.repo + "/logs/line", "", options); // the one line that changed

    double slope = 0, offset = 0, loss = 0;
    for (int step = 0; step < 200; step++) {
        double by_slope = 0, by_offset = 0;
        std::vector<double> errors;
        loss = 0;
        for (int i = 0; i < 20; i++) {
            const double x = i / 20.0, error = slope * x + offset - (3 * x + 1);
            errors.push_back(error);
            loss += error * error / 20;
            by_slope += error * x / 10;
            by_offset += error / 10;
        }
        slope -= rate * by_slope;
        offset -= rate * by_offset;
        writer.add_scalar("loss/train", loss, step);
        writer.add_scalars("weights", {{"slope", slope}, {"offset", offset}}, step);
        writer.add_histogram("errors", errors, step);
    }
    writer.add_text("note", "fitted");
    writer.add_hparams({{"lr", rate}, {"optimizer", "gd"}}, {{"best/loss", loss}});
    writer.close();
    std::printf("slope %.2f, offset %.2f\n", slope, offset);
}
