/// @file
/// Rows of a query: runs, and metrics with their runs.
#pragma once

#include "error.hpp"
#include "json.hpp"
#include "params.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aim {

/// Points of a metric: columns of equally many numbers, in step order, borrowed from the query or the sample.
struct Values {
    /// Steps, ascending.
    Span<const std::int64_t> steps;
    /// Values.
    Span<const double> values;
    /// Epochs; no_epoch where there is none.
    Span<const std::int64_t> epochs;
    /// When each point was tracked: seconds since 1970-01-01 UTC.
    Span<const double> times;

    /// Number of points.
    std::size_t size() const noexcept { return values.size(); }
    /// Whether there are no points.
    bool empty() const noexcept { return values.empty(); }
};

/// What is known of a metric without reading its points.
using MetricInfo = aim_metric_info;

/// How points are chosen for a sample.
enum class SampleMethod : std::int32_t {
    /// Every n-th point, the first and the last among them.
    stride = AIM_SAMPLE_STRIDE,
    /// The points with the least and the greatest value of equally many neighbours, the first and the last point.
    min_max = AIM_SAMPLE_MIN_MAX,
};

/// Properties of a run.
struct RunProperties {
    /// 24 hex digits.
    std::string hash;
    /// For people.
    std::string name;
    /// For people; "" until one is set.
    std::string description;
    /// Name of the experiment.
    std::string experiment;
    /// In the order of adding.
    std::vector<std::string> tags;
    /// Whether queries leave the run out.
    bool archived = false;
    /// "running", "finished", "failed", "interrupted" or "crashed".
    std::string status;
    /// Seconds since 1970-01-01 UTC.
    double created_at = 0;
    /// Seconds since 1970-01-01 UTC; none while running.
    std::optional<double> finalized_at;
    /// The exit code of the program, where it is known.
    std::optional<std::int64_t> exit_code;
    /// The signal that ended it, where it is known.
    std::optional<std::int64_t> signal;
    /// The text that its creator chose as its id; "" if none.
    std::string run_id;
};

namespace detail {

inline Values to_cpp(const aim_values &c) noexcept {
    return {{c.steps, c.len}, {c.values, c.len}, {c.epochs, c.len}, {c.times, c.len}};
}

inline RunProperties parse_properties(const std::string &json) {
    RunProperties properties;
    JsonReader reader(json);
    reader.object([&](const std::string &name) {
        const auto text = [&](std::string &member) { member = reader.string().value_or(""); };
        if (name == "hash") text(properties.hash);
        else if (name == "name") text(properties.name);
        else if (name == "description") text(properties.description);
        else if (name == "experiment") text(properties.experiment);
        else if (name == "status") text(properties.status);
        else if (name == "tags") properties.tags = reader.strings();
        else if (name == "archived") properties.archived = reader.boolean().value_or(false);
        else if (name == "created_at") properties.created_at = reader.scalar<double>().value_or(0);
        else if (name == "run_id") {
            if (auto id = reader.string()) properties.run_id = *id;
            else reader.skip();
        } else if (name == "exit_code" || name == "signal") {
            auto &member = name == "signal" ? properties.signal : properties.exit_code;
            if (!(member = reader.scalar<std::int64_t>())) reader.skip();
        } else if (name != "finalized_at" || !(properties.finalized_at = reader.scalar<double>())) reader.skip();
    });
    return properties;
}

} // namespace detail

/// A part of a metric's points.
class Sample {
  public:
    /// Takes over a handle of the C interface.
    static Sample adopt(aim_sample *handle) noexcept { return Sample(handle); }

    /// The handle of the C interface, which stays the sample's.
    aim_sample *handle() const noexcept { return handle_.get(); }

    /// The points, borrowed from the sample.
    Result<Values> try_values() const {
        aim_values values{};
        if (auto read = detail::call(aim_sample_values, handle(), &values); !read) return read.error();
        return detail::to_cpp(values);
    }

#if AIM_EXCEPTIONS
    /// As try_values(), but throws.
    Values values() const { return try_values().value(); }
#endif

  private:
    explicit Sample(aim_sample *handle) noexcept : handle_(handle) {}

    struct Free {
        void operator()(aim_sample *sample) const noexcept { aim_sample_free(sample); }
    };
    std::unique_ptr<aim_sample, Free> handle_;
};

/// A run that a query found: a row, to be passed by value, that lives as long as the query.
class RunRow : public Params<RunRow> {
  public:
    /// Row `index` of a query of the C interface, borrowed.
    RunRow(const aim_query *query, std::size_t index) noexcept : query_(query), index_(index) {}

    /// The run's hash, 24 hex digits.
    TextView run_hash() const noexcept { return aim_query_run_hash(query_, index_); }

    /// The run's properties.
    Result<RunProperties> try_properties() const {
        char *json = nullptr;
        if (auto read = detail::call(aim_query_run_properties, query_, index_, &json); !read) return read.error();
        return detail::parse_properties(detail::take_text(json));
    }

#if AIM_EXCEPTIONS
    /// As try_properties(), but throws.
    RunProperties properties() const { return try_properties().value(); }
#endif

  protected:
    /// The query of the row.
    const aim_query *query_;
    /// Which row of the query.
    std::size_t index_;

  private:
    friend class Params<RunRow>;

    Result<std::string> read_param(const char *key) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_query_run_param_json, query_, index_, key, AIM_JSON_WORDS, &json); !read)
            return read.error();
        return detail::take_text(json);
    }
};

/// A metric that a query found, with its run: a row, to be passed by value, that lives as long as the query.
class MetricRow : public RunRow {
  public:
    using RunRow::RunRow;

    /// The metric's name.
    TextView name() const noexcept { return aim_query_metric_name(query_, index_); }

    /// The metric's context as JSON with sorted keys.
    TextView context() const noexcept { return aim_query_metric_context(query_, index_); }

    /// Aggregates, as of the query; no points are read.
    Result<MetricInfo> try_info() const {
        MetricInfo info{};
        if (auto read = detail::call(aim_query_metric_info, query_, index_, &info); !read) return read.error();
        return info;
    }

    /// The points, as they are at the first such call for the row; borrowed from the query.
    Result<Values> try_values() const {
        aim_values values{};
        if (auto read = detail::call(aim_query_values, query_, index_, &values); !read) return read.error();
        return detail::to_cpp(values);
    }

    /// At most `points` points, at least 4, for plots; all, if there are no more.
    Result<Sample> try_sample(std::size_t points, SampleMethod method = SampleMethod::min_max) const {
        aim_sample *sample = nullptr;
        if (auto read = detail::call(aim_query_sample, query_, index_, points, static_cast<std::int32_t>(method), &sample);
            !read)
            return read.error();
        return Sample::adopt(sample);
    }

#if AIM_EXCEPTIONS
    /// As try_info(), but throws.
    MetricInfo info() const { return try_info().value(); }
    /// As try_values(), but throws.
    Values values() const { return try_values().value(); }
    /// As try_sample(), but throws.
    Sample sample(std::size_t points, SampleMethod method = SampleMethod::min_max) const {
        return try_sample(points, method).value();
    }
#endif
};

} // namespace aim
