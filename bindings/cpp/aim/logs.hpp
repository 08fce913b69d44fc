/// @file
/// The logs of a run.
#pragma once

#include "json.hpp"

#include <aim.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aim {

/// Levels of messages: of the library's own, which go up to `error`, and of a run's log records.
enum class LogLevel : std::int32_t {
    debug = AIM_LOG_DEBUG,
    info = AIM_LOG_INFO,
    warning = AIM_LOG_WARNING,
    error = AIM_LOG_ERROR,
    critical = AIM_LOG_CRITICAL,
};

/// The logs of a run: records from Run::log(), and the lines that `capture_terminal_logs` records.
enum class LogStream : std::int32_t {
    records = AIM_LOGS_RECORDS,
    terminal = AIM_LOGS_TERMINAL,
};

/// A record of a run's log. Each stream has its own members; the others keep their defaults.
struct LogRecord {
    /// Counted from 0.
    std::uint64_t number = 0;
    /// Seconds since 1970-01-01 UTC.
    double time = 0;
    /// The message, or the line.
    std::string text;
    /// Of LogStream::records.
    LogLevel level = {};
    /// Of LogStream::records: where in the source, if known.
    ///@{
    std::optional<std::string> file, function;
    std::optional<std::uint32_t> line;
    ///@}
    /// Of LogStream::terminal: the file descriptor, 1 or 2.
    int descriptor = 0;
};

/// Which records of a log are kept.
struct LogRange {
    /// Number of the first.
    std::uint64_t first = 0;
    /// Number behind that of the last.
    std::uint64_t end = 0;
};

namespace detail {

inline std::vector<LogRecord> parse_logs(const std::string &json) {
    std::vector<LogRecord> records;
    JsonReader reader(json);
    reader.array([&] {
        LogRecord &record = records.emplace_back();
        reader.object([&](const std::string &name) {
            if (name == "number") record.number = reader.scalar<std::uint64_t>().value_or(0);
            else if (name == "time") record.time = reader.scalar<double>().value_or(0);
            else if (name == "text") record.text = reader.string().value_or("");
            else if (name == "level") record.level = static_cast<LogLevel>(reader.scalar<std::int32_t>().value_or(0));
            else if (name == "file") record.file = reader.string();
            else if (name == "line") record.line = reader.scalar<std::uint32_t>();
            else if (name == "function") record.function = reader.string();
            else if (name == "descriptor") record.descriptor = reader.scalar<int>().value_or(0);
            else reader.skip();
        });
    });
    return records;
}

} // namespace detail
} // namespace aim
