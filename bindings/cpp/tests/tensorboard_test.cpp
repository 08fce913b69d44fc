// TensorBoard's writers on libaim.
#include "support.hpp"

#include <aim/summary_writer.hpp>
#include <aim/tensorboard_logger.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace {

class TensorBoard : public Scratch {
  protected:
    TensorBoard() { logs = path + "/it's \\ logs/first"; }

    // The points of a metric: step, value.
    using Points = std::vector<std::pair<std::int64_t, double>>;
    Points points(const std::string &name, const std::string &context = "{}") const {
        const aim::Repo repo(path);
        Points found;
        for (const aim::MetricRow metric : repo.query_metrics("metric.name == '" + name + "'")) {
            if (metric.context() != context) continue;
            const aim::Values values = metric.values();
            for (std::size_t i = 0; i < values.size(); i++) found.emplace_back(values.steps[i], values.values[i]);
        }
        return found;
    }
    static std::string text_of(aim::Span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }
    // How many objects the sequences of a kind and a name hold.
    std::size_t objects(aim::ObjectKind kind, const std::string &variable, const std::string &name) const {
        std::size_t count = 0;
        const aim::Repo repo(path);
        for (const aim::ObjectRow row : repo.query_objects(kind, variable + ".name == '" + name + "'"))
            count += row.objects().size();
        return count;
    }
    std::size_t runs() const { return aim::Repo(path).query_runs().size(); }

    std::string logs;
};

TEST_F(TensorBoard, TracksWhatTheWriterIsGiven) {
    aim::SummaryWriter writer(logs, "", options);
    for (int step = 0; step < 4; step++) writer.add_scalar("loss", 1.0 / (step + 1), 10 * step);
    writer.add_scalar("loss", 7);
    writer.add_scalars("accuracy", {{"train", 0.5}, {"val", 0.25}}, 3);
    writer.add_scalar("lr", 0.1, 2, 1.6e9);
    writer.add_scalars("lr", {{"decayed", 0.01}}, 2, 1.6e9 + 1);
    writer.add_text("note", "warm start", 5, 1e9);
    writer.flush();
    EXPECT_EQ(points("loss"), (Points{{0, 1}, {10, 0.5}, {20, 1.0 / 3}, {30, 0.25}, {31, 7}}));
    EXPECT_EQ(points("accuracy", R"({"entry":"val"})"), (Points{{3, 0.25}}));
    for (const aim::MetricRow metric : aim::Repo(path).query_metrics("metric.name == 'lr'"))
        EXPECT_EQ(metric.values().times[0], 1.6e9 + (metric.context() != "{}"));

    aim::RunOptions same;
    same.repo = path;
    same.run_hash = writer.hash();
    const aim::Run run(same);
    for (const aim::ObjectRow row : aim::Repo(path).query_objects(aim::ObjectKind::texts, "texts.name == 'note'")) {
        const aim::Objects notes = row.objects();
        ASSERT_EQ(notes.size(), 1u);
        EXPECT_EQ(text_of(notes.data(0)), "warm start");
        EXPECT_EQ(notes.info(0).time, 1e9);
    }
    EXPECT_EQ(run.name(), logs);
    EXPECT_TRUE(std::filesystem::is_directory(writer.get_logdir()));
}

TEST_F(TensorBoard, DirectoryIsARun) {
    for (int begin : {0, 2}) {
        aim::SummaryWriter writer(logs + (begin ? "/" : ""), "", options);
        for (int step = begin; step < begin + 2; step++) writer.add_scalar("loss", step, step);
        writer.close();
        writer.add_scalar("again", 1); // opens it
    }
    options.resume_step = 3;
    aim::SummaryWriter(logs, "", options).add_scalar("loss", -1, 3);
    EXPECT_EQ(points("loss"), (Points{{0, 0}, {1, 1}, {2, 2}, {3, -1}}));
    EXPECT_EQ(runs(), 1u);
}

TEST_F(TensorBoard, SearchHasARunForEachSet) {
    aim::SummaryWriter writer(logs, "", options);
    for (const double lr : {0.1, 0.2, 0.3}) writer.add_hparams({{"lr", lr}}, {{"accuracy", 10 * lr}});
    writer.add_hparams({{"lr", 0.4}}, {{"accuracy", 4}}, "last", 8);
    const aim::Repo repo(path);
    EXPECT_EQ(repo.query_runs("run.hparams.lr > 0").size(), 4u);
    const aim::RunQuery last = repo.query_runs("run.hparams.lr == 0.4");
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last.front().properties().name, logs + "/last");
    EXPECT_EQ(last.front().properties().status, "finished");
    EXPECT_EQ(repo.query_runs("run.hparams.lr == 0.1").front().run_hash(), writer.hash());
}

TEST_F(TensorBoard, PicturesSoundsAndDistributions) {
    const std::vector<std::uint8_t> pixels(4 * 6 * 3, 7);
    const std::vector<float> values{0, 1, 1, 4};
    const std::string gif = "GIF89a of a kind";
    {
        aim::SummaryWriter writer(logs, "", options);
        writer.add_image("image", aim::Pixels(pixels.data(), 6, 4), 1, 1e9);
        const aim::Pixels planes = aim::Pixels(pixels.data(), 6, 4).chw();
        const aim::Pixels both[] = {planes, planes};
        writer.add_images("list", both, 1);
        writer.add_histogram("vector", values, 1);
        writer.add_histogram("pointer", values.data(), values.size(), 1, {}, 8);
        writer.add_histogram_raw("raw", std::vector<double>{1, 2}, std::vector<double>{0, 1, 10}, 1);
        writer.add_audio("tone", values, 1, 8000);
        writer.add_tensor("tensor", values.data(), std::vector<std::uint64_t>{2, 2}, 1);
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(gif.data());
        writer.add_object(aim::ObjectKind::videos, "video", {{bytes, gif.size()}}, 1);
        TensorBoardLogger logger(logs + "/other/tfevents.pb", false, options);
        logger.add_image("encoded", 3, gif, 1, 2, 3);
        logger.add_images("encoded", 4, {gif, gif}, 1, 2);
        logger.add_histogram("logged", 3, values);
    }
    EXPECT_EQ(objects(aim::ObjectKind::images, "images", "image"), 1u);
    EXPECT_EQ(objects(aim::ObjectKind::images, "images", "list"), 2u);
    EXPECT_EQ(objects(aim::ObjectKind::images, "images", "encoded"), 3u);
    for (const std::string name : {"vector", "pointer", "raw", "logged"})
        EXPECT_EQ(objects(aim::ObjectKind::distributions, "distributions", name), 1u) << name;
    EXPECT_EQ(objects(aim::ObjectKind::audios, "audios", "tone"), 1u);
    EXPECT_EQ(objects(aim::ObjectKind::arrays, "arrays", "tensor"), 1u);
    EXPECT_EQ(objects(aim::ObjectKind::videos, "videos", "video"), 1u);
    for (const aim::ObjectRow row : aim::Repo(path).query_objects(aim::ObjectKind::images, "images.name == 'image'"))
        EXPECT_EQ(row.objects().info(0).time, 1e9);
}

TEST_F(TensorBoard, ErrorsAndWhatIsNotHeldAreToldOnce) {
    testing::internal::CaptureStderr();
    aim::SummaryWriter writer(logs, "", options);
    for (int step = 0; step < 3; step++) {
        writer.add_mesh("points", logs.data(), 3);
        writer.add_scalar("", step, step);
    }
    writer.close();
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 2) << told;
    EXPECT_EQ(told.find("libaim: libaim holds no meshes: add_mesh does nothing\n"), 0u) << told;
    const auto refused = aim::SummaryWriter::try_open("/proc/none/logs", "", options);
    ASSERT_FALSE(refused);
    EXPECT_NE(std::string(refused.error().what()).find("/proc/none/logs"), std::string::npos);
}

TEST_F(TensorBoard, WriterWithoutAName) {
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(path);
    const aim::SummaryWriter writer("", "_lr_0.1", options);
    std::filesystem::current_path(before);
    EXPECT_EQ(writer.get_logdir().rfind("runs/", 0), 0u);
    EXPECT_NE(writer.get_logdir().find("_lr_0.1"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_directory(path + "/" + writer.get_logdir()));
}

TEST_F(TensorBoard, ThreadsShareAWriter) {
    aim::SummaryWriter writer(logs, "", options);
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; number++)
        threads.emplace_back([&writer, number] {
            for (int step = 0; step < 500; step++) writer.add_scalar("loss " + std::to_string(number), step, step);
        });
    for (std::thread &thread : threads) thread.join();
    writer.close();
    for (int number = 0; number < 4; number++) EXPECT_EQ(points("loss " + std::to_string(number)).size(), 500u);
}

TEST_F(TensorBoard, LoggerOfTensorboardLogger) {
    const std::string file = logs + "/tfevents.pb";
    std::filesystem::create_directories(logs);
    for (const bool resume : {true, false, true}) {
        TensorBoardLogger logger(file, resume, options);
        for (int step = 0; step < 3; step++) EXPECT_EQ(logger.add_scalar("loss", step, step + 0.5), 0);
        EXPECT_EQ(logger.add_text("note", 1, "hello"), 0);
    }
    TensorBoardLoggerOptions settings;
    TensorBoardLogger(file, settings.flush_period_s(1).max_queue_size(3).resume(true), options).add_scalar("loss", 3, 4.5f);
    EXPECT_EQ(runs(), 2u);
    std::vector<std::size_t> lengths;
    for (const aim::MetricRow metric : aim::Repo(path).query_metrics("run.name == run.tensorboard.log_dir"))
        lengths.push_back(metric.values().size());
    EXPECT_EQ(lengths, (std::vector<std::size_t>{4, 3})); // newest first
}

} // namespace
