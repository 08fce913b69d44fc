// What the snippet in C++ on docs/objects.md stands in.
#include <aim.hpp>
#include <vector>

static std::size_t written = 0;
template <typename Bytes> static void write(const Bytes &bytes) { written += bytes.size(); }

int main()
{
    aim::RunOptions options;
    options.repo = "runs";
    aim::Run run(options);
    const aim::Repo repo("runs");
    constexpr int width = 8, height = 4, step = 3;
    const std::vector<float> values(width * height * 3, 0.5F);
    const float *pixels = values.data(), *grad = values.data();
    const std::size_t n = values.size();
    {
#include PAGE
    }
    return written == 0;
}
