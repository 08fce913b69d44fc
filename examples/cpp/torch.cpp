// A small network in libtorch that tells two spirals apart, tracked by aim::TorchTracker.
//
//     c++ -std=c++17 -O2 torch.cpp -o torch -laim -ltorch -ltorch_cpu -lc10 && ./torch REPO
#include <aim/torch.hpp>

#include <cstdio>

int main(int argc, char **argv) {
    torch::manual_seed(1);
    const torch::Tensor turn = torch::linspace(0.5, 9, 200), radius = turn / 9;
    const torch::Tensor spiral = torch::stack({radius * turn.cos(), radius * turn.sin()}, 1);
    const torch::Tensor points = torch::cat({spiral, -spiral});
    const torch::Tensor labels = torch::cat({torch::zeros(200), torch::ones(200)}).unsqueeze(1);

    torch::nn::Sequential net(torch::nn::Linear(2, 32), torch::nn::Tanh(), torch::nn::Linear(32, 32), torch::nn::Tanh(),
                              torch::nn::Linear(32, 1));
    torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(0.01));

    aim::RunOptions options;
    options.repo = argc > 1 ? argv[1] : ".";
    options.experiment = "spirals";
    const aim::Run run(options);
    const aim::TorchTracker tracker(run);

    torch::Tensor loss;
    for (int step = 0; step < 400; step++) {
        optimizer.zero_grad();
        loss = torch::binary_cross_entropy_with_logits(net->forward(points), labels);
        loss.backward();
        optimizer.step();
        tracker.loss("loss", loss, step, aim::no_epoch, {{"subset", "train"}});
        if (step % 100 != 0) continue;
        tracker.learning_rates(optimizer, step);
        tracker.weights(*net, step);
        tracker.gradients(*net, step);
        // Which spiral the network sees where.
        const torch::Tensor side = torch::linspace(-1, 1, 32);
        const torch::Tensor plane = torch::cartesian_prod({side, side});
        tracker.images("plane", torch::sigmoid(net->forward(plane)).view({32, 32}), step);
    }
    tracker.array("labels", labels, 0);
    std::printf("loss %.3f\n", loss.item<double>());
}
