// What the snippet in C++ of a page stands in: PAGE is a file of blocks.
#include <aim.hpp>
#include <cstdio>
#include <fstream>
#include <vector>

template <typename Bytes> static void write(const Bytes &bytes) { std::printf("an object of %zu bytes\n", bytes.size()); }

#define NEXT

int main()
{
    aim::RunOptions options;
    options.repo = "runs";
    aim::Run run(options);
    const aim::Repo repo("runs");
    const std::string hash(run.hash());
    std::ofstream("step-1000.pt") << "weights";
    constexpr int width = 8, height = 4, step = 3;
    const std::vector<float> values(width * height * 3, 0.5F);
    const float *pixels = values.data(), *grad = values.data();
    const std::size_t n = values.size();
#include PAGE
}
