// What the tests share: a directory for each test, and short ways into it.
#pragma once

#include <aim.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

// A test with a repository of its own.
class Scratch : public testing::Test {
  protected:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "aim-cpp-XXXXXX").string();
        path = mkdtemp(pattern.data());
        options.repo = path;
    }
    // A run that a test leaves open ends in the background, and saves itself where its repository was.
    ~Scratch() override {
        std::error_code failed;
        for (int tries = 0; tries < 1000 && std::filesystem::exists(path); tries++) {
            std::filesystem::remove_all(path, failed);
            if (failed) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

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
