// Objects: aim::Sequence, aim::ObjectRow and aim::Objects against the library.
#include "support.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace {

using Objects = Scratch;
using aim::ObjectKind;

aim::Objects all(const aim::Repo &repo, ObjectKind kind, const aim::Range &range = {}) {
    const auto query = repo.query_objects(kind);
    EXPECT_EQ(query.size(), 1u);
    return query.front().objects(range);
}

std::string bytes(aim::Span<const std::uint8_t> data) { return {data.begin(), data.end()}; }

TEST_F(Objects, TextsComeBack) {
    const aim::Run run(options);
    const auto notes = run.sequence(ObjectKind::texts, "notes", {{"subset", "val"}});
    notes.track(std::string("one"));
    notes.track_texts(std::vector<std::string>{"größer", "", "three"}, 7, 2);
    EXPECT_EQ(thrown_code([&] { notes.track(std::string("a\0b", 3)); }), aim::ErrorCode::invalid_argument);
    run.flush();
    const aim::Repo repo(path);
    const auto query = repo.query_objects(ObjectKind::texts, "texts.context.subset == 'val'");
    ASSERT_EQ(query.size(), 1u);
    EXPECT_EQ(query.front().name(), "notes");
    EXPECT_EQ(query.front().run_hash(), run.hash());
    EXPECT_EQ(query.front().context_json(), R"({"subset":"val"})");
    EXPECT_EQ(query.front().info().count, 2u);
    EXPECT_EQ(query.front().info().longest, 3u);
    const auto texts = query.front().objects();
    ASSERT_EQ(texts.size(), 4u);
    EXPECT_EQ(texts.text(1), "größer");
    EXPECT_EQ(texts.info(3).index, 2u);
    EXPECT_EQ(texts.info(3).epoch, 2);
    const auto last = query.front().objects(aim::last_point());
    EXPECT_EQ(last.size(), 3u);
    EXPECT_EQ(thrown_code([&] { last.data(3); }), aim::ErrorCode::invalid_argument);
}

TEST_F(Objects, SomeStay) {
    const aim::Run run(options);
    const auto notes = run.sequence(ObjectKind::texts, "notes");
    notes.keep(2, 10);
    for (int step = 0; step < 25; step++) notes.track(std::string("text"), step);
    run.flush();
    const auto found = all(aim::Repo(path), ObjectKind::texts);
    std::vector<std::int64_t> steps;
    for (std::size_t k = 0; k < found.size(); k++) steps.push_back(found.info(k).step);
    EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 10, 20, 23, 24}));
}

TEST_F(Objects, PixelsAreLent) {
    const aim::Run run(options);
    const auto images = run.sequence(ObjectKind::images, "i");
    images.keep(2);
    EXPECT_EQ(thrown_code([&] { images.keep(0, 2); }), aim::ErrorCode::invalid_argument);
    int returned = 0;
    for (int step = 0; step < 5; step++) {
        auto *const pixels = new std::vector<std::uint8_t>(3 * 40 * 50, std::uint8_t(step));
        struct Loan {
            std::vector<std::uint8_t> *pixels;
            int *returned;
        };
        const auto give_back = [](void *userdata) {
            auto *const loan = static_cast<Loan *>(userdata);
            ++*loan->returned;
            delete loan->pixels;
            delete loan;
        };
        images.track(aim::Pixels(pixels->data(), 50, 40).lend(give_back, new Loan{pixels, &returned}), step);
    }
    run.flush();
    EXPECT_EQ(returned, 5);
    const auto found = all(aim::Repo(path), ObjectKind::images);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found.info(0).step, 3);
}

TEST_F(Objects, EncodedBytesAndPixels) {
    const aim::Run run(options);
    const auto images = run.sequence(ObjectKind::images, "i");
    const std::vector<std::uint8_t> gif{'G', 'I', 'F', '8', '9', 'a', 7, 0, 5, 0, 1};
    images.track(aim::Object{gif, "", "a cat", R"({"boxes": []})"}, 0);
    const std::vector<float> chw(3 * 4 * 5, 0.25f);
    images.track(aim::Pixels(chw.data(), 5, 4).chw().range(-1, 1).caption("grey"), 1);
    EXPECT_EQ(thrown_code([&] { images.track(aim::Pixels(chw.data(), 0, 4)); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(thrown_code([&] { images.track(std::string("text")); }), aim::ErrorCode::type);
    run.flush();
    const auto found = all(aim::Repo(path), ObjectKind::images);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(bytes(found.data(0)), bytes(gif));
    EXPECT_STREQ(found.info(0).format, "gif");
    EXPECT_STREQ(found.info(0).caption, "a cat");
    EXPECT_STREQ(found.info(0).meta, R"({"boxes": []})");
    EXPECT_EQ(found.info(0).width, 7u);
    EXPECT_EQ(found.info(1).height, 4u);
    EXPECT_EQ(bytes(found.data(1)).substr(1, 3), "PNG");
}

TEST_F(Objects, TablesOfStreams) {
    const aim::Run run(options);
    run.track("loss", 0.5);
    run.flush();
    const aim::Repo repo(path);
    void *memory[5] = {}; // as large as the struct, whose fourth word is `release`
    auto *const stream = reinterpret_cast<ArrowArrayStream *>(memory);
    repo.query_arrow("metric.name == 'loss'", aim::QueryKind::metrics, stream);
    const auto tables = run.sequence(ObjectKind::tables, "points");
    tables.track_table(stream, 0, "all of them");
    EXPECT_EQ(memory[3], nullptr);
    EXPECT_EQ(thrown_code([&] { tables.track_table(stream); }), aim::ErrorCode::invalid_argument);
    run.flush();
    const auto found = all(repo, ObjectKind::tables);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_STREQ(found.info(0).format, "arrow");
    EXPECT_STREQ(found.info(0).caption, "all of them");
    const auto file = bytes(found.data(0));
    EXPECT_EQ(file.substr(0, 6), "ARROW1");
    EXPECT_EQ(file.substr(file.size() - 6), "ARROW1");
}

TEST_F(Objects, BackwardsInMemory) {
    const aim::Run run(options);
    const std::uint8_t pixels[] = {1, 2, 3, 4, 5, 6};
    run.sequence(ObjectKind::images, "i").track(aim::Pixels(pixels + 3, 3, 2, 1).row_stride(-3), 0);
    const std::uint8_t turned[] = {4, 5, 6, 1, 2, 3};
    run.sequence(ObjectKind::images, "i").track(aim::Pixels(turned, 3, 2, 1), 1);
    const std::vector<double> w{1, 2, 3};
    run.sequence(ObjectKind::arrays, "w").track_array(&w[2], std::vector<std::uint64_t>{3}, 0, std::vector<std::int64_t>{-8});
    run.flush();
    const aim::Repo repo(path);
    const auto images = all(repo, ObjectKind::images);
    EXPECT_EQ(bytes(images.data(0)), bytes(images.data(1)));
    const auto npy = all(repo, ObjectKind::arrays);
    const std::vector<double> backwards{3, 2, 1};
    EXPECT_EQ(std::memcmp(npy.data(0).end() - 24, backwards.data(), 24), 0);
}

TEST_F(Objects, DistributionsArraysAndAudio) {
    const aim::Run run(options);
    const auto grad = run.sequence(ObjectKind::distributions, "grad");
    const float values[] = {0, 1, 1, 4, std::numeric_limits<float>::quiet_NaN()};
    grad.track_values(aim::Span<const float>(values), 0, 4);
    grad.track_distribution(std::vector<double>{1, 2}, std::vector<double>{0, 1, 10}, 1);
    EXPECT_EQ(thrown_code([&] { grad.track_distribution(std::vector<double>{1}, std::vector<double>{0}); }),
              aim::ErrorCode::invalid_argument);
    const auto arrays = run.sequence(ObjectKind::arrays, "w");
    const std::vector<double> w{1, 2, 3, 4, 5, 6};
    arrays.track_array(w.data(), std::vector<std::uint64_t>{2, 3}, 0);
    const auto clips = run.sequence(ObjectKind::audios, "a");
    const std::vector<std::int16_t> pcm{0, 1, -1, 2};
    clips.track_samples(aim::Span<const std::int16_t>(pcm), 2, 8000, 0);
    run.flush();
    const aim::Repo repo(path);
    const auto found = all(repo, ObjectKind::distributions);
    const auto counted = found.distribution(0);
    EXPECT_EQ(std::vector<double>(counted.weights.begin(), counted.weights.end()), (std::vector<double>{1, 2, 0, 1}));
    EXPECT_EQ(counted.about.nans, 1u);
    EXPECT_EQ(counted.about.max, 4);
    const auto uneven = found.distribution(1);
    EXPECT_EQ(std::vector<double>(uneven.edges.begin(), uneven.edges.end()), (std::vector<double>{0, 1, 10}));
    const auto npy = all(repo, ObjectKind::arrays);
    EXPECT_NE(bytes(npy.data(0)).find("'shape': (2, 3)"), std::string::npos);
    EXPECT_EQ(std::memcmp(npy.data(0).end() - 48, w.data(), 48), 0);
    const auto wav = all(repo, ObjectKind::audios);
    EXPECT_EQ(bytes(wav.data(0)).substr(8, 4), "WAVE");
    EXPECT_EQ(std::memcmp(wav.data(0).end() - 8, pcm.data(), 8), 0);
    EXPECT_EQ(thrown_code([&] { wav.distribution(0); }), aim::ErrorCode::type);
}

} // namespace
