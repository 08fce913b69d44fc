/// @file
/// aim::SpdlogSink: what a program logs by spdlog goes into a run's log. Not part of aim.hpp.
#pragma once

#include "../aim.hpp"

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace aim {

/// A sink of spdlog that adds each message to the log of a run, with its time, level and place in the source. `trace` becomes
/// `debug`. A message that cannot be logged goes to spdlog's error handler. spdlog_sink() makes one for several threads.
template <class Mutex> class SpdlogSink : public spdlog::sinks::base_sink<Mutex> {
  public:
    /// The run has to live as long as the sink.
    explicit SpdlogSink(const Run &run) : run_(run.handle()) {}

  protected:
    /// One message.
    void sink_it_(const spdlog::details::log_msg &message) override {
        using seconds = std::chrono::duration<double>;
        const std::string text(message.payload.data(), message.payload.size());
        done(detail::call(aim_run_log_at, run_, seconds(message.time.time_since_epoch()).count(), level(message.level),
                          Text(text).c_str(), message.source.filename, static_cast<std::uint32_t>(message.source.line),
                          message.source.funcname));
    }
    /// Waits until all is on disk.
    void flush_() override { done(detail::call(aim_run_flush, run_)); }

  private:
    static std::int32_t level(spdlog::level::level_enum level) noexcept {
        switch (level) {
        case spdlog::level::trace:
        case spdlog::level::debug: return AIM_LOG_DEBUG;
        case spdlog::level::warn: return AIM_LOG_WARNING;
        case spdlog::level::err: return AIM_LOG_ERROR;
        case spdlog::level::critical: return AIM_LOG_CRITICAL;
        default: return AIM_LOG_INFO;
        }
    }

    static void done(const Result<void> &result) {
        if (!result) spdlog::throw_spdlog_ex(std::string("libaim: ") + result.error().what());
    }

    const aim_run *run_;
};

/// A sink for loggers that several threads use.
inline std::shared_ptr<SpdlogSink<std::mutex>> spdlog_sink(const Run &run) {
    return std::make_shared<SpdlogSink<std::mutex>>(run);
}

} // namespace aim
