/// @file
/// aim::Run: a run being written.
#pragma once

#include "artifacts.hpp"
#include "error.hpp"
#include "labels.hpp"
#include "logs.hpp"
#include "metric.hpp"
#include "objects.hpp"
#include "options.hpp"
#include "outcome.hpp"
#include "params.hpp"
#include "text.hpp"
#include "value.hpp"

#include <aim.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aim {

/// A run being written. One that is destroyed without close() is closed by the library in the background: nothing is
/// lost, but nobody waits, and errors go to the log callback only. One that is destroyed because an exception leaves its
/// scope has failed.
class Run : public Params<Run> {
  public:
    /// Opens a run: a new one, or, with `options.run_hash`, one that exists; as aim_run_new.
    static Result<Run> try_open(const RunOptions &options = {}) {
        const aim_repo_options repo_options = detail::to_c(options.repo_options);
        const aim_run_options c_options = detail::to_c(options, repo_options);
        aim_run *run = nullptr;
        if (auto opened = detail::call(aim_run_new, &c_options, &run); !opened) return opened.error();
        return Run(Adopt{}, run);
    }

    /// Takes the run over; the other handle is empty.
    Run(Run &&) noexcept = default;
    /// Takes the run over; the other handle is empty, and the run that was here is closed as by the destructor.
    Run &operator=(Run &&) noexcept = default;
    ~Run() {
        if (handle_ && std::uncaught_exceptions() > exceptions_)
            static_cast<void>(try_close_as({RunStatus::failed}));
    }

    /// Takes over a handle of the C interface.
    static Run adopt(aim_run *handle) noexcept { return Run(Adopt{}, handle); }

    /// The handle of the C interface, which stays the run's.
    aim_run *handle() const noexcept { return handle_.get(); }

    /// The run's hash, 24 hex digits. Borrowed from the run.
    TextView hash() const noexcept { return aim_run_hash(handle()); }

    /// Tracks one value of the metric `name` with `context`, an object or null; as aim_run_track. metric() is the
    /// faster way for many values.
    Result<void> try_track(Text name, double value, std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
                           const Value &context = nullptr) const {
        return context.as_context([&](const char *json) {
            return detail::call(aim_run_track, handle(), name.c_str(), value, step, epoch, json);
        });
    }

    /// The same with a context of plain values in braces, which costs no allocation.
    Result<void> try_track(Text name, double value, std::int64_t step, std::int64_t epoch,
                           std::initializer_list<Label> context) const {
        return detail::call(aim_run_track, handle(), name.c_str(), value, step, epoch, detail::LabelText(context).c_str());
    }

    /// Resolves a metric once, to track it in nanoseconds; as aim_run_metric.
    Result<Metric> try_metric(Text name, const Value &context = nullptr) const {
        return context.as_context([&](const char *json) -> Result<Metric> {
            aim_metric *metric = nullptr;
            if (auto found = detail::call(aim_run_metric, handle(), name.c_str(), json, &metric); !found)
                return found.error();
            return Metric::adopt(metric);
        });
    }

    /// Resolves a sequence of objects once, to track images, texts and others; as aim_run_sequence.
    Result<Sequence> try_sequence(ObjectKind kind, Text name, const Value &context = nullptr) const {
        return context.as_context([&](const char *json) -> Result<Sequence> {
            aim_sequence *sequence = nullptr;
            if (auto found = detail::call(aim_run_sequence, handle(), static_cast<std::int32_t>(kind), name.c_str(), json,
                                          &sequence);
                !found)
                return found.error();
            return Sequence::adopt(sequence);
        });
    }

    /// Waits until everything that this process tracked and set before is committed to disk.
    Result<void> try_flush() const { return detail::call(aim_run_flush, handle()); }

    /// Commits everything and ends the run. Further calls answer `closed`.
    Result<void> try_close() const { return detail::call(aim_run_close, handle()); }

    /// Closes, and says how the run ended; as aim_run_close_as.
    Result<void> try_close_as(const Outcome &outcome) const {
        const aim_outcome c_outcome = detail::to_c(outcome);
        return detail::call(aim_run_close_as, handle(), &c_outcome);
    }

    /// Closes without waiting; try_wait() waits for what is stored in the background. As aim_run_start_closing.
    Result<void> try_start_closing(const Outcome &outcome = {}) const {
        const aim_outcome c_outcome = detail::to_c(outcome);
        return detail::call(aim_run_start_closing, handle(), &c_outcome);
    }

    /// Waits no longer than `seconds` until everything is stored, also after the run was closed. As aim_run_wait.
    Result<void> try_wait(double seconds) const { return detail::call(aim_run_wait, handle(), seconds); }

    /// Drops the points of all metrics, or of those named, from `step` on; how many. As aim_run_rewind.
    Result<std::uint64_t> try_rewind(std::int64_t step, const std::vector<std::string> &names = {}) const {
        std::vector<const char *> texts;
        for (const std::string &name : names) texts.push_back(Text(name).c_str());
        std::uint64_t dropped = 0;
        if (auto done = detail::call(aim_run_rewind, handle(), step, texts.data(), texts.size(), &dropped); !done)
            return done.error();
        return dropped;
    }

    /// Logs a file or directory as an artifact of the run; as aim_run_log_artifact.
    Result<void> try_log_artifact(Text path, const ArtifactOptions &options = {}) const {
        return detail::with_artifact_options(path, options, [&](const aim_artifact_options *c_options) {
            return detail::call(aim_run_log_artifact, handle(), c_options);
        });
    }
    /// Notes where the run's artifacts belong; as aim_run_set_artifacts_uri.
    Result<void> try_set_artifacts_uri(Text uri) const {
        return detail::call(aim_run_set_artifacts_uri, handle(), uri.c_str());
    }
    /// Notes that the run uses an artifact, as in "RUN/NAME:best"; as aim_run_use_artifact.
    Result<void> try_use_artifact(Text reference) const {
        return detail::call(aim_run_use_artifact, handle(), reference.c_str());
    }

    /// Logs a message with its time in seconds since 1970-01-01 UTC; as aim_run_log_at.
    Result<void> try_log_at(double time, LogLevel level, Text message) const {
        return detail::call(aim_run_log_at, handle(), time, static_cast<std::int32_t>(level), message.c_str(), nullptr,
                            std::uint32_t{0}, nullptr);
    }

    /// Adds a line of a terminal with its time in seconds since 1970-01-01 UTC; as aim_run_add_terminal_line_at.
    Result<void> try_add_terminal_line_at(double time, std::int32_t descriptor, Text text) const {
        return detail::call(aim_run_add_terminal_line_at, handle(), time, descriptor, text.c_str());
    }

    /// Sets a param. `key` is a top-level key, or, with a leading '/', a JSON Pointer into the tree; as
    /// aim_run_set_param.
    Result<void> try_set_param(Text key, const Value &value) const {
        const char *const k = key.c_str();
        const std::string &text = value.text_;
        switch (value.kind_) {
        case Value::Kind::null: return detail::call(aim_run_set_param_null, handle(), k);
        case Value::Kind::boolean: return detail::call(aim_run_set_param_bool, handle(), k, value.integer_ != 0);
        case Value::Kind::integer: return detail::call(aim_run_set_param_int64, handle(), k, value.integer_);
        case Value::Kind::number: return detail::call(aim_run_set_param_double, handle(), k, value.number_);
        case Value::Kind::bytes:
            return detail::call(aim_run_set_param_bytes, handle(), k,
                                reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
        case Value::Kind::string:
            if (std::memchr(text.data(), 0, text.size())) break; // only JSON can express a NUL
            return detail::call(aim_run_set_param_string, handle(), k, text.c_str());
        case Value::Kind::json: break;
        }
        return detail::call(aim_run_set_param, handle(), k, Text(value.to_json()).c_str());
    }

    /// Sets several params, in order, up to the first that fails.
    Result<void> try_set_params(std::initializer_list<std::pair<std::string, Value>> params) const {
        return set_each(params);
    }

    /// Sets a param for each entry of a map with strings as keys, or member of a nlohmann::json object.
    template <class Map> Result<void> try_set_params(const Map &params) const {
        static_assert(detail::is_json<Map>::value || detail::is_map<Map>::value, "a map with strings as keys");
        if constexpr (detail::is_json<Map>::value) {
            if (!params.is_object()) return Error(ErrorCode::invalid_argument, "params is no object: " + params.dump());
            for (const auto &member : params.items())
                if (auto done = try_set_param(member.key(), Value(member.value())); !done) return done;
            return {};
        } else {
            return set_each(params);
        }
    }

    /// Deletes a param with all below it.
    Result<void> try_delete_param(Text key) const { return detail::call(aim_run_delete_param, handle(), key.c_str()); }

    /// A param that is bytes.
    Result<std::vector<std::byte>> try_param_bytes(Text key) const {
        std::uint8_t *data = nullptr;
        std::size_t size = 0;
        if (auto read = detail::call(aim_run_get_param_bytes, handle(), key.c_str(), &data, &size); !read)
            return read.error();
        const auto free = [size](std::uint8_t *bytes) { aim_bytes_free(bytes, size); };
        const std::unique_ptr<std::uint8_t, decltype(free)> owned(data, free);
        const auto *bytes = reinterpret_cast<const std::byte *>(data);
        return std::vector<std::byte>(bytes, bytes + size);
    }

    /// Logs a message with its place in the source, which is that of the call unless given; as aim_run_log.
    Result<void> try_log(LogLevel level, Text message, const char *file = __builtin_FILE(),
                         std::uint32_t line = __builtin_LINE(), const char *function = __builtin_FUNCTION()) const {
        return detail::call(aim_run_log, handle(), static_cast<std::int32_t>(level), message.c_str(), file, line, function);
    }
    /// Up to `count` records of one of the run's logs, from number `first` on; as aim_run_read_logs.
    Result<std::vector<LogRecord>> try_read_logs(LogStream stream, std::uint64_t first, std::uint64_t count) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_run_read_logs, handle(), static_cast<std::int32_t>(stream), first, count, &json);
            !read)
            return read.error();
        return detail::parse_logs(detail::take_text(json));
    }

    /// Names the run for people.
    Result<void> try_set_name(Text name) const { return detail::call(aim_run_set_name, handle(), name.c_str()); }
    /// Describes the run for people.
    Result<void> try_set_description(Text description) const {
        return detail::call(aim_run_set_description, handle(), description.c_str());
    }
    /// Moves the run to another experiment.
    Result<void> try_set_experiment(Text experiment) const {
        return detail::call(aim_run_set_experiment, handle(), experiment.c_str());
    }
    /// Adds a tag; nothing happens if the run has it.
    Result<void> try_add_tag(Text tag) const { return detail::call(aim_run_add_tag, handle(), tag.c_str()); }
    /// Removes a tag; nothing happens if the run does not have it.
    Result<void> try_remove_tag(Text tag) const { return detail::call(aim_run_remove_tag, handle(), tag.c_str()); }
    /// Archives the run or brings it back.
    Result<void> try_set_archived(bool archived) const {
        return detail::call(aim_run_set_archived, handle(), archived);
    }

    /// The run's name.
    Result<std::string> try_name() const { return text(aim_run_get_name); }
    /// The run's description, "" until one is set.
    Result<std::string> try_description() const { return text(aim_run_get_description); }
    /// The run's experiment.
    Result<std::string> try_experiment() const { return text(aim_run_get_experiment); }
    /// The run's tags, in the order of adding.
    Result<std::vector<std::string>> try_tags() const {
        const Result<std::string> json = text(aim_run_get_tags);
        if (!json) return json.error();
        return detail::JsonReader(*json).strings();
    }
    /// Whether the run is archived.
    Result<bool> try_archived() const {
        bool archived = false;
        if (auto read = detail::call(aim_run_get_archived, handle(), &archived); !read) return read.error();
        return archived;
    }

#if AIM_EXCEPTIONS
    /// Opens a run, as try_open(), but throws.
    explicit Run(const RunOptions &options = {}) : Run(try_open(options).value()) {}

    /// As try_track(), but throws.
    void track(Text name, double value, std::int64_t step = auto_step, std::int64_t epoch = no_epoch,
               const Value &context = nullptr) const {
        try_track(name, value, step, epoch, context).value();
    }
    /// As try_track(), but throws.
    void track(Text name, double value, std::int64_t step, std::int64_t epoch, std::initializer_list<Label> context) const {
        try_track(name, value, step, epoch, context).value();
    }
    /// As try_metric(), but throws.
    Metric metric(Text name, const Value &context = nullptr) const { return try_metric(name, context).value(); }
    /// As try_sequence(), but throws.
    Sequence sequence(ObjectKind kind, Text name, const Value &context = nullptr) const {
        return try_sequence(kind, name, context).value();
    }
    /// As try_flush(), but throws.
    void flush() const { try_flush().value(); }
    /// As try_close(), but throws.
    void close() const { try_close().value(); }
    /// As try_close_as(), but throws.
    void close_as(const Outcome &outcome) const { try_close_as(outcome).value(); }
    /// As try_start_closing(), but throws.
    void start_closing(const Outcome &outcome = {}) const { try_start_closing(outcome).value(); }
    /// As try_wait(), but throws.
    void wait(double seconds) const { try_wait(seconds).value(); }
    /// As try_rewind(), but throws.
    std::uint64_t rewind(std::int64_t step, const std::vector<std::string> &names = {}) const {
        return try_rewind(step, names).value();
    }
    /// As try_log_artifact(), but throws.
    void log_artifact(Text path, const ArtifactOptions &options = {}) const { try_log_artifact(path, options).value(); }
    /// As try_set_artifacts_uri(), but throws.
    void set_artifacts_uri(Text uri) const { try_set_artifacts_uri(uri).value(); }
    /// As try_use_artifact(), but throws.
    void use_artifact(Text reference) const { try_use_artifact(reference).value(); }
    /// As try_log_at(), but throws.
    void log_at(double time, LogLevel level, Text message) const { try_log_at(time, level, message).value(); }
    /// As try_add_terminal_line_at(), but throws.
    void add_terminal_line_at(double time, std::int32_t descriptor, Text text) const {
        try_add_terminal_line_at(time, descriptor, text).value();
    }
    /// As try_set_param(), but throws.
    void set_param(Text key, const Value &value) const { try_set_param(key, value).value(); }
    /// As try_set_params(), but throws.
    void set_params(std::initializer_list<std::pair<std::string, Value>> params) const {
        try_set_params(params).value();
    }
    /// As try_set_params(), but throws.
    template <class Map> void set_params(const Map &params) const { try_set_params(params).value(); }
    /// As try_delete_param(), but throws.
    void delete_param(Text key) const { try_delete_param(key).value(); }
    /// As try_param_bytes(), but throws.
    std::vector<std::byte> param_bytes(Text key) const { return try_param_bytes(key).value(); }
    /// As try_log(), but throws.
    void log(LogLevel level, Text message, const char *file = __builtin_FILE(), std::uint32_t line = __builtin_LINE(),
             const char *function = __builtin_FUNCTION()) const {
        try_log(level, message, file, line, function).value();
    }
    /// As try_read_logs(), but throws.
    std::vector<LogRecord> read_logs(LogStream stream, std::uint64_t first, std::uint64_t count) const {
        return try_read_logs(stream, first, count).value();
    }
    /// As try_set_name(), but throws.
    void set_name(Text name) const { try_set_name(name).value(); }
    /// As try_set_description(), but throws.
    void set_description(Text description) const { try_set_description(description).value(); }
    /// As try_set_experiment(), but throws.
    void set_experiment(Text experiment) const { try_set_experiment(experiment).value(); }
    /// As try_add_tag(), but throws.
    void add_tag(Text tag) const { try_add_tag(tag).value(); }
    /// As try_remove_tag(), but throws.
    void remove_tag(Text tag) const { try_remove_tag(tag).value(); }
    /// As try_set_archived(), but throws.
    void set_archived(bool archived) const { try_set_archived(archived).value(); }
    /// As try_name(), but throws.
    std::string name() const { return try_name().value(); }
    /// As try_description(), but throws.
    std::string description() const { return try_description().value(); }
    /// As try_experiment(), but throws.
    std::string experiment() const { return try_experiment().value(); }
    /// As try_tags(), but throws.
    std::vector<std::string> tags() const { return try_tags().value(); }
    /// As try_archived(), but throws.
    bool archived() const { return try_archived().value(); }
#endif

  private:
    friend class Params<Run>;
    struct Adopt {};
    struct Free {
        void operator()(aim_run *run) const noexcept { aim_run_free(run); }
    };

    Run(Adopt, aim_run *handle) noexcept : handle_(handle) {}

    Result<std::string> read_param(const char *key) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_run_get_param_json, handle(), key, AIM_JSON_WORDS, &json); !read)
            return read.error();
        return detail::take_text(json);
    }

    Result<std::string> text(aim_status (*getter)(const aim_run *, char **, aim_error **)) const {
        char *text = nullptr;
        if (auto read = detail::call(getter, handle(), &text); !read) return read.error();
        return detail::take_text(text);
    }

    template <class Pairs> Result<void> set_each(const Pairs &params) const {
        for (const auto &[key, value] : params)
            if (auto done = try_set_param(std::string(key), Value(value)); !done) return done;
        return {};
    }

    std::unique_ptr<aim_run, Free> handle_;
    /// Exceptions under way when the run was opened: it may be in a destructor.
    int exceptions_ = std::uncaught_exceptions();
};

} // namespace aim
