// A multilayer perceptron with one hidden layer (ReLU), softmax cross-entropy and SGD with momentum.
#pragma once

#include "data.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <string>

struct Score {
    double loss;     // mean cross-entropy, nats
    double accuracy; // share of images classified correctly, 0 to 1
};

// A fully connected layer: y = W x + b, and what its training needs.
class Dense {
  public:
    Dense(std::size_t inputs, std::size_t outputs, std::mt19937 &rng)
        : in_(inputs), out_(outputs), weight_(inputs * outputs), bias_(outputs), grad_weight_(inputs * outputs),
          grad_bias_(outputs), speed_weight_(inputs * outputs), speed_bias_(outputs) {
        // He initialisation: uniform with variance 2 / inputs.
        const float bound = std::sqrt(6.0f / static_cast<float>(inputs));
        for (auto &w : weight_) w = bound * (static_cast<float>(rng()) / 2147483648.0f - 1.0f);
    }

    void forward(const float *x, float *y) const {
        for (std::size_t o = 0; o < out_; o++) {
            float sum = bias_[o];
            for (std::size_t i = 0; i < in_; i++) sum += weight_[o * in_ + i] * x[i];
            y[o] = sum;
        }
    }

    // Adds the gradients of one image; writes the gradient of the input unless `dx` is null.
    void backward(const float *x, const float *dy, float *dx) {
        if (dx) std::fill(dx, dx + in_, 0.0f);
        for (std::size_t o = 0; o < out_; o++) {
            grad_bias_[o] += dy[o];
            for (std::size_t i = 0; i < in_; i++) {
                grad_weight_[o * in_ + i] += dy[o] * x[i];
                if (dx) dx[i] += dy[o] * weight_[o * in_ + i];
            }
        }
    }

    // One step of SGD with momentum over the mean gradient of `n` images.
    void step(float lr, float momentum, std::size_t n) {
        descend(weight_, grad_weight_, speed_weight_, lr, momentum, n);
        descend(bias_, grad_bias_, speed_bias_, lr, momentum, n);
    }

    const std::vector<float> &weights() const { return weight_; }
    const std::vector<float> &biases() const { return bias_; }

  private:
    static void descend(std::vector<float> &value, std::vector<float> &grad, std::vector<float> &speed, float lr,
                        float momentum, std::size_t n) {
        for (std::size_t i = 0; i < value.size(); i++) {
            speed[i] = momentum * speed[i] - lr * grad[i] / static_cast<float>(n);
            value[i] += speed[i];
            grad[i] = 0.0f;
        }
    }

    std::size_t in_, out_;
    std::vector<float> weight_, bias_, grad_weight_, grad_bias_, speed_weight_, speed_bias_;
};

class Mlp {
  public:
    Mlp(std::size_t hidden, std::mt19937 &rng)
        : first_(kPixels, hidden, rng), second_(hidden, kClasses, rng), hidden_(hidden), d_hidden_(hidden) {}

    // Takes one optimiser step on images[begin, end) and returns the score before the step.
    Score train_batch(const std::vector<Image> &images, std::size_t begin, std::size_t end, float lr, float momentum) {
        Score total{0, 0};
        for (std::size_t n = begin; n < end; n++) {
            const Image &image = images[n];
            add(total, classify(image), image.label);
            probability_[static_cast<std::size_t>(image.label)] -= 1.0f; // now d loss / d logits
            second_.backward(hidden_.data(), probability_.data(), d_hidden_.data());
            for (std::size_t h = 0; h < hidden_.size(); h++)
                if (hidden_[h] <= 0.0f) d_hidden_[h] = 0.0f;
            first_.backward(image.pixels.data(), d_hidden_.data(), nullptr);
        }
        first_.step(lr, momentum, end - begin);
        second_.step(lr, momentum, end - begin);
        return mean(total, end - begin);
    }

    Score evaluate(const std::vector<Image> &images) {
        Score total{0, 0};
        for (const Image &image : images) add(total, classify(image), image.label);
        return mean(total, images.size());
    }

    const Dense &first() const { return first_; }
    const Dense &second() const { return second_; }

    // Writes all weights and biases to a file, as they lie in memory.
    void save(const std::string &path) const {
        std::ofstream file(path, std::ios::binary);
        for (const auto *values : {&first_.weights(), &first_.biases(), &second_.weights(), &second_.biases()})
            file.write(reinterpret_cast<const char *>(values->data()),
                       static_cast<std::streamsize>(values->size() * sizeof(float)));
        if (!file.flush()) throw std::runtime_error("cannot write " + path);
    }

    // Leaves the class probabilities in `probability_` and returns the likeliest class.
    int classify(const Image &image) {
        first_.forward(image.pixels.data(), hidden_.data());
        for (auto &h : hidden_) h = std::max(h, 0.0f);
        second_.forward(hidden_.data(), probability_.data());
        const auto top = std::max_element(probability_.begin(), probability_.end());
        const int label = static_cast<int>(top - probability_.begin());
        const float shift = *top; // keeps exp() in range
        float sum = 0.0f;
        for (auto &p : probability_) sum += p = std::exp(p - shift);
        for (auto &p : probability_) p /= sum;
        return label;
    }

  private:
    void add(Score &total, int guess, int label) const {
        total.loss -= std::log(std::max(probability_[static_cast<std::size_t>(label)], 1e-30f));
        total.accuracy += guess == label ? 1 : 0;
    }

    static Score mean(Score total, std::size_t n) {
        return {total.loss / static_cast<double>(n), total.accuracy / static_cast<double>(n)};
    }

    Dense first_, second_;
    std::vector<float> hidden_, d_hidden_;
    std::array<float, kClasses> probability_{};
};
