/// @file
/// The library itself: its version and its messages.
#pragma once

#include "error.hpp"
#include "logs.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace aim {

/// The library's version, "MAJOR.MINOR.PATCH"; `AIM_VERSION` is that of the header.
inline TextView version() noexcept { return aim_version(); }

/// Whether the library was built with a part that a build may be without: "arrow", "git", "gpu" or "terminal".
inline bool has(const char *part) noexcept { return aim_has(part); }

namespace detail {

using LogCallback = std::function<void(LogLevel, TextView)>;

/// Where the callback is kept. A thread that is calling it keeps it alive while it is replaced.
struct LogSlot {
    std::mutex mutex;
    std::shared_ptr<const LogCallback> callback;

    /// Never destroyed: the library may have something to say while the process exits.
    static LogSlot &instance() {
        static LogSlot *const slot = new LogSlot;
        return *slot;
    }

    void set(std::shared_ptr<const LogCallback> next) {
        const std::lock_guard<std::mutex> lock(mutex);
        callback.swap(next);
    }

    static void call(std::int32_t level, const char *message, void *) noexcept {
        LogSlot &slot = instance();
        std::shared_ptr<const LogCallback> current;
        {
            const std::lock_guard<std::mutex> lock(slot.mutex);
            current = slot.callback;
        }
        if (current) (*current)(static_cast<LogLevel>(level), message);
    }
};

/// Calls a function of the program's from within the library, which no exception may cross. What is thrown goes to
/// `on_throw`. `Exceptions` keeps the two bodies apart in a program that is compiled both ways.
template <bool Exceptions, class Function, class OnThrow> auto contain(Function function, OnThrow on_throw) {
#if AIM_EXCEPTIONS
    try {
        return function();
    } catch (...) {
        return on_throw();
    }
#else
    static_cast<void>(on_throw);
    return function();
#endif
}

} // namespace detail

/// Sends the library's messages of `level` and above to `callback(LogLevel, TextView)`, whose text is borrowed for the
/// call. It may be called from any thread, also from several at once, and while it is being replaced. What it throws is
/// ignored. As aim_set_log_callback.
template <class Callback, bool Exceptions = AIM_EXCEPTIONS> void set_log_callback(LogLevel level, Callback callback) {
    auto contained = [callback = std::move(callback)](LogLevel at, TextView message) {
        detail::contain<Exceptions>([&] { callback(at, message); }, [] {});
    };
    detail::LogSlot::instance().set(std::make_shared<const detail::LogCallback>(std::move(contained)));
    aim_set_log_callback(static_cast<std::int32_t>(level), &detail::LogSlot::call, nullptr);
}

/// Silences the library, which is how it starts.
inline void clear_log_callback() {
    aim_set_log_callback(AIM_LOG_ERROR, nullptr, nullptr);
    detail::LogSlot::instance().set(nullptr);
}

} // namespace aim
