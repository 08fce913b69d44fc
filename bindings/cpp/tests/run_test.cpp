// aim::Run and aim::Metric against the library.
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <type_traits>

namespace {

using Runs = Scratch;
using Metrics = Scratch;

static_assert(!std::is_copy_constructible_v<aim::Run> && std::is_nothrow_move_constructible_v<aim::Run>);
static_assert(!std::is_copy_constructible_v<aim::Metric> && std::is_nothrow_move_constructible_v<aim::Metric>);

TEST_F(Runs, ParamsComeBackAsTheyWereSet) {
    const aim::Run run(options);
    run.set_param("null", nullptr);
    run.set_param("bool", true);
    run.set_param("int", -42);
    run.set_param("big", 18446744073709551615u);
    run.set_param("double", 2.0);
    run.set_param("nan", NAN);
    run.set_param("text", "ünï \"code\"");
    run.set_param("nul", std::string("a\0b", 3));
    run.set_param("json", aim::Value::json(R"({"a": [1, 2]})"));
    run.set_param("hparams", {{"lr", 1e-4}, {"layers", {64, 10}}});
    run.set_param("/hparams/lr", 3e-4);
    run.set_param("/hparams/layers/-", 5);
    EXPECT_EQ(run.param_json("null"), "null");
    EXPECT_EQ(run.param_json("bool"), "true");
    EXPECT_EQ(run.param_json("int"), "-42");
    EXPECT_EQ(run.param_json("big"), "18446744073709551615");
    EXPECT_EQ(run.param_json("double"), "2.0");
    EXPECT_EQ(run.param_json("nan"), "NaN");
    EXPECT_EQ(run.param_json("json"), R"({"a":[1,2]})");
    EXPECT_EQ(run.param_json("hparams"), R"({"lr":0.0003,"layers":[64,10,5]})");
    EXPECT_EQ(run.param<std::string>("text"), "ünï \"code\"");
    EXPECT_EQ(run.param<std::string>("nul"), std::string("a\0b", 3));
    run.delete_param("hparams");
    EXPECT_EQ(thrown_code([&] { run.param_json("hparams"); }), aim::ErrorCode::not_found);
}

TEST_F(Runs, ParamsComeBackTyped) {
    const aim::Run run(options);
    run.set_params({{"lr", 1e-4}, {"epochs", 60}, {"amp", true}, {"name", "a\u00e9\u2713\U0001F600\n"}, {"nan", -INFINITY}});
    EXPECT_EQ(run.param<double>("lr"), 1e-4);
    EXPECT_EQ(run.param<float>("lr"), 1e-4f);
    EXPECT_EQ(run.param<double>("epochs"), 60);
    EXPECT_EQ(run.param<int>("epochs"), 60);
    EXPECT_EQ(run.param<std::uint8_t>("epochs"), 60);
    EXPECT_TRUE(run.param<bool>("amp"));
    EXPECT_EQ(run.param<std::string>("name"), "a\u00e9\u2713\U0001F600\n");
    EXPECT_EQ(run.param<double>("nan"), -INFINITY);
    EXPECT_EQ(thrown_code([&] { run.param<int>("lr"); }), aim::ErrorCode::type);
    EXPECT_EQ(thrown_code([&] { run.param<bool>("epochs"); }), aim::ErrorCode::type);
    EXPECT_EQ(thrown_code([&] { run.param<std::string>("epochs"); }), aim::ErrorCode::type);
    EXPECT_EQ(thrown_code([&] { run.param<double>("name"); }), aim::ErrorCode::type);
    run.set_param("large", 300);
    EXPECT_EQ(thrown_code([&] { run.param<std::uint8_t>("large"); }), aim::ErrorCode::type);
}

TEST_F(Runs, ManyParamsAtOnce) {
    const aim::Run run(options);
    run.set_params({{"hparams", {{"lr", 1e-4}}}, {"/hparams/seed", 42}});
    run.set_params(std::map<std::string, double>{{"a", 1}, {"b", 2}});
    run.set_params(nlohmann::json{{"model", {{"hidden", 64}}}, {"a", "replaced"}});
    EXPECT_EQ(nlohmann::json::parse(run.params_json()), (nlohmann::json{{"hparams", {{"lr", 1e-4}, {"seed", 42}}},
                                                                       {"a", "replaced"},
                                                                       {"b", 2.0},
                                                                       {"model", {{"hidden", 64}}}}));
    EXPECT_EQ(thrown_code([&] { run.set_params(nlohmann::json{1, 2}); }), aim::ErrorCode::invalid_argument);
}

TEST_F(Runs, Bytes) {
    const aim::Run run(options);
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}, std::byte{7}};
    run.set_param("blob", bytes);
    run.set_param("empty", std::vector<std::byte>());
    run.set_param("nested", {{"blob", bytes}});
    EXPECT_EQ(run.param_bytes("blob"), bytes);
    EXPECT_TRUE(run.param_bytes("empty").empty());
    EXPECT_EQ(run.param_bytes("/nested/blob"), bytes);
    run.set_param("text", "x");
    EXPECT_EQ(thrown_code([&] { run.param_bytes("text"); }), aim::ErrorCode::type);
}

TEST_F(Runs, LogsWithThePlaceOfTheCall) {
    const aim::Run run(options);
    run.log(aim::LogLevel::warning, "loss is \"rising\"");
    const auto line = static_cast<std::uint32_t>(__LINE__ - 1);
    run.log(aim::LogLevel::critical, "from elsewhere", nullptr, 0, nullptr);
    const auto records = run.read_logs(aim::LogStream::records, 0, 10);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].number, 0u);
    EXPECT_GT(records[0].time, 0);
    EXPECT_EQ(records[0].level, aim::LogLevel::warning);
    EXPECT_EQ(records[0].text, "loss is \"rising\"");
    EXPECT_EQ(records[0].file, __FILE__);
    EXPECT_EQ(records[0].line, line);
    EXPECT_EQ(records[0].function, __func__);
    EXPECT_EQ(records[1].level, aim::LogLevel::critical);
    EXPECT_FALSE(records[1].file || records[1].line || records[1].function);
    run.close();
    const aim::Repo repo(path);
    EXPECT_EQ(repo.read_logs(run.hash(), aim::LogStream::records, 1, 10).size(), 1u);
    EXPECT_EQ(repo.count_logs(run.hash(), aim::LogStream::records).end, 2u);
    EXPECT_EQ(repo.count_logs(run.hash(), aim::LogStream::terminal).end, 0u);
    EXPECT_EQ(thrown_code([&] { repo.read_logs("000000000000000000000000", aim::LogStream::records, 0, 1); }),
              aim::ErrorCode::not_found);
}

TEST_F(Runs, TakesContextsInBraces) {
    const aim::Run run(options);
    const std::string text = "val", quoted = "a \"b\"\n", large(300, 'x');
    const std::string_view view = text;
    const std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
    const char *const none = nullptr;
    const auto track = [&](auto... arguments) { run.track("m", 1, aim::auto_step, aim::no_epoch, arguments...); };
    const auto both = [&](std::initializer_list<aim::Label> labels, const aim::Value &value) {
        track(labels);
        track(value); // the same metric
    };
    both({{"subset", "train"}}, {{"subset", "train"}});
    both({{"s", text}, {"v", view}, {"n", none}}, {{"s", text}, {"v", view}, {"n", none}});
    both({{"b", true}, {"i", -3}, {"u", greatest}, {"c", 7u}}, {{"b", true}, {"i", -3}, {"u", greatest}, {"c", 7u}});
    both({{"d", 0.5}, {"f", 1.5f}, {"w", 2.0}}, {{"d", 0.5}, {"f", 1.5f}, {"w", 2.0}});
    both({{quoted, quoted}}, aim::Value::object({{quoted, quoted}}));
    both({{"large", large}}, {{"large", large}});
    for (std::size_t n = 236; n < 256; n++) both({{"edge", std::string(n, 'e')}}, {{"edge", std::string(n, 'e')}});
    both({}, nullptr);
    run.track("m", 1, 5, 6, {{"nested", {1, 2}}});
    run.track("m", 1, 7, 8, {{"nested", {1, 2}}});
    const auto metrics = aim::Repo(path).query_metrics("metric.name == 'm'");
    EXPECT_EQ(metrics.size(), 28u);
    for (const aim::MetricRow metric : metrics) EXPECT_EQ(metric.values().size(), 2u) << metric.context();
}

TEST_F(Runs, WatchesTheSystem) {
    options.system_tracking_interval = 0.1;
    options.system_tracking_group = "group of " + path;
    options.log_system_params = true;
    options.mask_names = "AIM_TEST_SECRET";
    setenv("AIM_TEST_SECRET", "do not tell", 1);
    const aim::Run run(options);
    const std::string params = run.param_json("__system_params");
    EXPECT_EQ(params.find("do not tell"), std::string::npos);
    EXPECT_NE(params.find("AIM_TEST_SECRET"), std::string::npos);
    options.env_names = "AIM_TEST_*";
    const std::string named = aim::Run(options).param_json("/__system_params/env_variables");
    EXPECT_EQ(named, R"({"AIM_TEST_SECRET":"***"})");
    options.env_names = "";
    EXPECT_EQ(aim::Run(options).param_json("__system_params").find("env_variables"), std::string::npos);
    unsetenv("AIM_TEST_SECRET");
    options.system_tracking_interval = 0.01;
    EXPECT_EQ(thrown_code([&] { aim::Run too_often(options); }), aim::ErrorCode::invalid_argument);
}

TEST_F(Runs, Properties) {
    options.experiment = "digits";
    const aim::Run run(options);
    EXPECT_EQ(run.experiment(), "digits");
    EXPECT_EQ(run.name(), "Run: " + std::string(run.hash()));
    EXPECT_EQ(run.description(), "");
    EXPECT_TRUE(run.tags().empty());
    run.set_name("Szenario ✓");
    run.set_description("line\nline");
    run.set_experiment("other");
    run.add_tag("first");
    run.add_tag("zweites \"Tag\"");
    run.add_tag("third");
    run.remove_tag("first");
    run.set_archived(true);
    EXPECT_EQ(run.name(), "Szenario ✓");
    EXPECT_EQ(run.description(), "line\nline");
    EXPECT_EQ(run.experiment(), "other");
    EXPECT_EQ(run.tags(), (std::vector<std::string>{"zweites \"Tag\"", "third"}));
    EXPECT_TRUE(run.archived());
    run.set_archived(false);
    EXPECT_FALSE(run.archived());
}

TEST_F(Runs, ContinuesByHash) {
    std::string hash;
    {
        const aim::Run run(options);
        hash = run.hash();
        run.track("loss", 1.0);
        run.close();
    }
    options.run_hash = hash;
    const aim::Run run(options);
    EXPECT_EQ(run.hash(), hash);
    run.track("loss", 0.5);
    run.flush();
    const auto metrics = aim::Repo(path).query_metrics();
    ASSERT_EQ(metrics.size(), 1u);
    EXPECT_EQ(metrics[0].values().steps.back(), 1);

    options.run_hash = "000000000000000000000000";
    EXPECT_EQ(thrown_code([&] { aim::Run unknown(options); }), aim::ErrorCode::not_found);
}

TEST_F(Runs, ErrorsKeepCodeAndMessage) {
    const aim::Run run(options);
    aim_error *error = nullptr;
    ASSERT_EQ(aim_run_set_param(run.handle(), "key", "{", &error), AIM_ERR_INVALID_ARGUMENT);
    const std::string message = aim_error_message(error);
    aim_error_free(error);
    try {
        run.set_param("key", aim::Value::json("{"));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error &caught) {
        EXPECT_EQ(caught.what(), message);
    }
    const auto result = run.try_set_param("key", aim::Value::json("{"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what(), message);
    EXPECT_EQ(thrown_code([&] { run.set_name("\xff"); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(thrown_code([&] { run.set_name(std::string("a\0b", 3)); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(thrown_code([&] { run.track("loss", 1, 0, 0, "no object"); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(thrown_code([&] { run.set_param("key", aim::Value::object({1})); }), aim::ErrorCode::invalid_argument);
}

TEST_F(Runs, AnswersClosedAfterClose) {
    const aim::Run run(options);
    const aim::Metric metric = run.metric("loss");
    metric.track(1.0);
    run.close();
    EXPECT_EQ(thrown_code([&] { run.close(); }), aim::ErrorCode::closed);
    EXPECT_EQ(thrown_code([&] { run.track("loss", 1.0); }), aim::ErrorCode::closed);
    EXPECT_EQ(thrown_code([&] { run.set_param("a", 1); }), aim::ErrorCode::closed);
    EXPECT_EQ(thrown_code([&] { metric.track(1.0); }), aim::ErrorCode::closed);
    EXPECT_EQ(thrown_code([&] { metric.track_many(std::vector<double>{1.0}); }), aim::ErrorCode::closed);
    EXPECT_EQ(metric.try_track(1.0).error().code(), aim::ErrorCode::closed);
}

TEST_F(Runs, MovesAndTakesOverHandles) {
    aim::Run run(options);
    const std::string hash(run.hash());
    aim::Run moved = std::move(run);
    EXPECT_EQ(moved.hash(), hash);
    EXPECT_EQ(thrown_code([&] { run.flush(); }), aim::ErrorCode::invalid_argument);
    EXPECT_EQ(run.hash(), "");
    moved = aim::Run(options); // the first run is closed in the background
    EXPECT_NE(moved.hash(), hash);

    aim_run *handle = nullptr;
    aim_run_options c_options = AIM_RUN_OPTIONS_INIT;
    c_options.repo = path.c_str();
    ASSERT_EQ(aim_run_new(&c_options, &handle, nullptr), AIM_OK);
    const aim::Run adopted = aim::Run::adopt(handle);
    EXPECT_EQ(adopted.handle(), handle);
    adopted.close();
}

TEST_F(Runs, ReportsARepositoryThatCannotBeUsed) {
    options.repo = "/proc/none";
    const auto run = aim::Run::try_open(options);
    ASSERT_FALSE(run);
    EXPECT_NE(std::string(run.error().what()).find("/proc/none"), std::string::npos);
    EXPECT_THROW(aim::Run{options}, aim::Error);
}

TEST_F(Runs, TakesRepositorySettings) {
    options.repo = std::filesystem::path(path) / "inner";
    options.repo_options.flush_interval = -1;
    EXPECT_EQ(thrown_code([&] { aim::Run run(options); }), aim::ErrorCode::invalid_argument);
    options.repo_options.flush_interval = 60;
    options.repo_options.journal_size = 1 << 20;
    const aim::Run run(options);
    EXPECT_LT(aim::Repo(options.repo).stats().journal_slots, (1u << 20) / 48 + 1);
}

TEST_F(Metrics, TracksInAllForms) {
    const aim::Run run(options);
    const aim::Value on_train = {{"subset", "train"}};
    const aim::Metric loss = run.metric("loss", on_train);
    loss.track(1.0);
    loss.track(0.5, 10);
    loss.track(0.25, 20, 2);
    run.track("loss", NAN, aim::auto_step, 3, on_train);
    run.track("loss", 7.0);
    const double c_array[] = {1, 2, 3};
    run.metric("many").track_many(c_array);
    run.metric("many").track_many(std::vector<double>{4, 5}, std::vector<std::int64_t>{100, 50},
                                  std::vector<std::int64_t>{1, aim::no_epoch});
    run.metric("many").track_many({});
    EXPECT_EQ(thrown_code([&] { loss.track_many(std::vector<double>{1, 2}, std::vector<std::int64_t>{1}); }),
              aim::ErrorCode::invalid_argument);
    EXPECT_EQ(thrown_code([&] { loss.track_many(std::vector<double>{1}, {}, std::vector<std::int64_t>{1, 2}); }),
              aim::ErrorCode::invalid_argument);
    run.close();

    const auto metrics = aim::Repo(path).query_metrics();
    ASSERT_EQ(metrics.size(), 3u);
    EXPECT_EQ(metrics[0].context(), R"({"subset":"train"})");
    EXPECT_EQ(metrics[1].context(), "{}");
    EXPECT_EQ(metrics[1].values().values.front(), 7.0);
    const aim::Values values = metrics[0].values();
    const auto list = [](const auto &span) { return std::vector<std::int64_t>(span.begin(), span.end()); };
    EXPECT_EQ(list(values.steps), (std::vector<std::int64_t>{0, 10, 20, 21}));
    EXPECT_EQ(list(values.epochs), (std::vector<std::int64_t>{aim::no_epoch, aim::no_epoch, 2, 3}));
    EXPECT_TRUE(std::isnan(values.values.back()));
    const aim::Values many = metrics[2].values();
    EXPECT_EQ(std::vector<double>(many.values.begin(), many.values.end()), (std::vector<double>{1, 2, 3, 5, 4}));
    EXPECT_EQ(list(many.steps), (std::vector<std::int64_t>{0, 1, 2, 50, 100}));
}

TEST_F(Metrics, OutlivesItsRun) {
    auto run = std::make_unique<aim::Run>(options);
    const aim::Metric metric = run->metric("loss");
    metric.track(1.0);
    run->close();
    run.reset();
    EXPECT_EQ(thrown_code([&] { metric.track(2.0); }), aim::ErrorCode::closed);
}

} // namespace
