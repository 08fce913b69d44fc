// aim::Value: which C++ value becomes which JSON.
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cfenv>
#include <clocale>
#include <cmath>
#include <deque>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

using aim::Value;

namespace {

std::string json(const Value &value) { return value.to_json(); }

TEST(Value, Scalars) {
    EXPECT_EQ(json(nullptr), "null");
    EXPECT_EQ(json({}), "null");
    EXPECT_EQ(json(true), "true");
    EXPECT_EQ(json(-7), "-7");
    EXPECT_EQ(json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(json(short{3}), "3");
    EXPECT_EQ(json(0.25), "0.25");
    EXPECT_EQ(json(0.5f), "0.5");
}

TEST(Value, NumbersAreTheSameWhateverTheProgramRoundsAndTraps) {
    std::fenv_t before;
    std::fegetenv(&before);
    for (const int rounding : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        std::fesetround(rounding);
        feenableexcept(FE_INEXACT | FE_INVALID);
        const std::string written = json({0.1, 1.0 / 4, 5e-324, 6.02214076e23});
        const auto read = aim::detail::JsonReader("0.3333333333333333").scalar<double>();
        const int now = std::fegetround();
        std::fesetenv(&before);
        EXPECT_EQ(now, rounding);
        EXPECT_EQ(written, "[0.1,0.25,5e-324,6.02214076e+23]");
        EXPECT_EQ(read, 0.3333333333333333);
    }
}

TEST(Value, FloatingPointStaysFloatingPoint) {
    EXPECT_EQ(json(1.0), "1.0");
    EXPECT_EQ(json(-0.0), "-0.0");
    EXPECT_EQ(json(1e300), "1e+300");
    EXPECT_EQ(json(std::nan("")), "NaN");
    EXPECT_EQ(json(INFINITY), "Infinity");
    EXPECT_EQ(json(-INFINITY), "-Infinity");
    for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.123456789})
        EXPECT_EQ(std::strtod(json(value).c_str(), nullptr), value);
}

TEST(Value, IgnoresTheLocale) {
    for (const char *name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) // whichever the system has
        if (std::setlocale(LC_ALL, name)) break;
    EXPECT_EQ(json(0.5), "0.5");
    std::setlocale(LC_ALL, "C");
}

TEST(Value, Text) {
    EXPECT_EQ(json("adam"), R"("adam")");
    EXPECT_EQ(json(std::string("a\0b", 3)), R"("a\u0000b")");
    EXPECT_EQ(json(std::string_view("tab\t, \"quoted\", \\")), R"("tab\u0009, \"quoted\", \\")");
    EXPECT_EQ(json("ünïcode ✓"), R"("ünïcode ✓")");
    EXPECT_EQ(json(std::filesystem::path("/data/train")), R"("/data/train")");
    EXPECT_EQ(json(static_cast<const char *>(nullptr)), "null");
}

TEST(Value, Lists) {
    EXPECT_EQ(json({1, 2.0, "three", nullptr}), R"([1,2.0,"three",null])");
    EXPECT_EQ(json({{"lr", 0.25}, {"batch_size", 32}}), R"({"lr":0.25,"batch_size":32})");
    EXPECT_EQ(json({{"layers", {64, 10}}, {"adam", {{"betas", {0.9, 0.999}}}}}),
              R"({"layers":[64,10],"adam":{"betas":[0.9,0.999]}})");
    EXPECT_EQ(json({"train", "val"}), R"(["train","val"])");
    EXPECT_EQ(json({{"train", "val"}}), R"({"train":"val"})");
    EXPECT_EQ(json({{1, 2}, {3, 4}}), "[[1,2],[3,4]]");
    EXPECT_EQ(json({{"a \"quoted\" key", {}}}), R"({"a \"quoted\" key":null})");
}

TEST(Value, ListsThatWouldBeTakenForTheOtherKind) {
    EXPECT_EQ(json(Value::array({})), "[]");
    EXPECT_EQ(json(Value::object({})), "{}");
    EXPECT_EQ(json(Value::array({{"train", "val"}})), R"([["train","val"]])");
    EXPECT_EQ(json(Value::array({Value::array({"train", "val"})})), R"([["train","val"]])");
    EXPECT_EQ(json({Value::array({"train", "val"}), Value::array({"a", "b"})}), R"([["train","val"],["a","b"]])");
    EXPECT_EQ(json(Value::object({{"train", "val"}})), R"({"train":"val"})");
}

TEST(Value, MapsAndRanges) {
    EXPECT_EQ(json(std::map<std::string, double>{{"a", 1}, {"b", NAN}}), R"({"a":1.0,"b":NaN})");
    EXPECT_EQ(json(std::unordered_map<std::string, bool>{{"a", true}}), R"({"a":true})");
    EXPECT_EQ(json(std::map<std::string, std::vector<int>>{{"a", {1, 2}}, {"b", {}}}), R"({"a":[1,2],"b":[]})");
    EXPECT_EQ(json(std::map<std::string, Value>{{"a", 1}, {"b", {{"c", "d"}}}}), R"({"a":1,"b":{"c":"d"}})");
    EXPECT_EQ(json(std::map<std::string, int>{}), "{}");
    EXPECT_EQ(json(std::vector<std::pair<std::string, int>>{{"z", 1}, {"a", 2}}), R"({"z":1,"a":2})");
    EXPECT_EQ(json(std::vector<bool>{true, false}), "[true,false]");
    EXPECT_EQ(json(std::set<std::string>{"a", "b"}), R"(["a","b"])");
    EXPECT_EQ(json(std::array<float, 2>{0.5f, 2}), "[0.5,2.0]");
    EXPECT_EQ(json(std::list<std::optional<int>>{1, std::nullopt}), "[1,null]");
    EXPECT_EQ(json(std::deque<std::deque<int>>{{1}, {}}), "[[1],[]]");
    const int c_array[] = {1, 2};
    EXPECT_EQ(json(c_array), "[1,2]");
}

TEST(Value, Bytes) {
    const auto bytes = [](std::initializer_list<int> list) {
        std::vector<std::byte> out;
        for (const int byte : list) out.push_back(static_cast<std::byte>(byte));
        return json(out);
    };
    EXPECT_EQ(bytes({}), R"({"__bytes__":""})");
    EXPECT_EQ(bytes({0}), R"({"__bytes__":"AA=="})");
    EXPECT_EQ(bytes({0xff, 0xfe}), R"({"__bytes__":"//4="})");
    EXPECT_EQ(bytes({1, 2, 3}), R"({"__bytes__":"AQID"})");
    EXPECT_EQ(bytes({1, 2, 3, 0xfb}), R"({"__bytes__":"AQID+w=="})");
}

TEST(Value, Nlohmann) {
    const nlohmann::ordered_json tree = {{"lr", 0.25},
                                         {"big", 18446744073709551615u},
                                         {"negative", -3},
                                         {"whole", 2.0},
                                         {"nan", NAN},
                                         {"layers", {64, 10}},
                                         {"empty", nlohmann::ordered_json::object()},
                                         {"none", nlohmann::ordered_json::array()},
                                         {"text", "a \"b\""},
                                         {"null", nullptr},
                                         {"raw", nlohmann::ordered_json::binary({1, 2, 3})}};
    EXPECT_EQ(json(tree), R"({"lr":0.25,"big":18446744073709551615,"negative":-3,"whole":2.0,"nan":NaN,)"
                          R"("layers":[64,10],"empty":{},"none":[],"text":"a \"b\"","null":null,)"
                          R"("raw":{"__bytes__":"AQID"}})");
    EXPECT_EQ(json(nlohmann::json(0.5)), "0.5");
    EXPECT_EQ(json({{"nested", tree["layers"]}}), R"({"nested":[64,10]})");
}

} // namespace
