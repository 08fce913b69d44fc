// What the tests share: a directory for each test, and short ways into it.
#pragma once

#include <aim.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

// A test with a repository of its own.
class Scratch : public testing::Test {
  protected:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "aim-cpp-XXXXXX").string();
        path = mkdtemp(pattern.data());
        options.repo = path;
    }
    ~Scratch() override { std::filesystem::remove_all(path); }

    std::string path;
    aim::RunOptions options; // of a new run in the repository
};

#if AIM_EXCEPTIONS
// The code of the error that the call throws.
template <class Call> aim::ErrorCode thrown_code(Call call) {
    try {
        call();
    } catch (const aim::Error &error) {
        EXPECT_STRNE(error.what(), "");
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}
#endif
