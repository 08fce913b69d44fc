// The digits data set: 8x8 grey images and their labels, split into a training and a validation set.
#pragma once

#include <array>
#include <cstddef>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

constexpr std::size_t kPixels = 64;
constexpr std::size_t kClasses = 10;

struct Image {
    std::array<float, kPixels> pixels; // 0 = paper, 1 = ink
    int label;                         // 0 to 9
};

struct Split {
    std::vector<Image> train, val;
};

inline Image parse_image(const std::string &line, const std::string &where) {
    Image image{};
    std::istringstream fields(line);
    std::string field;
    for (auto &pixel : image.pixels) {
        if (!std::getline(fields, field, ',')) throw std::runtime_error(where + ": expected 64 pixels and a label");
        pixel = std::stof(field) / 16.0f;
    }
    if (!std::getline(fields, field, ',')) throw std::runtime_error(where + ": the label is missing");
    image.label = std::stoi(field);
    if (image.label < 0 || image.label >= static_cast<int>(kClasses))
        throw std::runtime_error(where + ": label " + field + " is not a digit");
    return image;
}

// Own shuffle: std::shuffle may differ between standard libraries, and the split must not.
template <class T> void shuffle(std::vector<T> &items, std::mt19937 &rng) {
    for (std::size_t i = items.size(); i > 1; i--) std::swap(items[i - 1], items[rng() % i]);
}

// Reads the file and sets a fifth of the images, drawn with a fixed seed, aside for validation.
inline Split load_digits(const std::string &path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open " + path);
    std::vector<Image> images;
    for (std::string line; std::getline(file, line);)
        images.push_back(parse_image(line, path + ":" + std::to_string(images.size() + 1)));
    if (images.empty()) throw std::runtime_error(path + " is empty");

    std::mt19937 rng(1998);
    shuffle(images, rng);
    const auto cut = images.begin() + static_cast<std::ptrdiff_t>(images.size() * 4 / 5);
    return {{images.begin(), cut}, {cut, images.end()}};
}
