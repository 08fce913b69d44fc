/// @file
/// aim::Metric: a metric of an open run, resolved once.
#pragma once

#include "error.hpp"
#include "options.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace aim {

/// A metric of an open run: name and context, resolved by Run::metric(). It may outlive the run, after whose close it
/// answers `closed`.
class Metric {
  public:
    /// Takes over a handle of the C interface.
    static Metric adopt(aim_metric *handle) noexcept { return Metric(handle); }

    /// Tracks one value; as aim_metric_track: no lock, no allocation, no system call. Without a step it gets the one
    /// after the sequence's last.
    Result<void> try_track(double value, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        if (aim_metric_track(handle_.get(), value, step, epoch) == AIM_OK) return {};
        return track_again(value, step, epoch);
    }

    /// Tracks many values at once. `steps` and `epochs` are as long as `values`, or empty for auto_step and no_epoch
    /// throughout. On an error, values before the failing one are tracked.
    Result<void> try_track_many(Span<const double> values, Span<const std::int64_t> steps = {},
                                Span<const std::int64_t> epochs = {}) const {
        for (const Span<const std::int64_t> column : {steps, epochs})
            if (!column.empty() && column.size() != values.size())
                return Error(ErrorCode::invalid_argument, std::to_string(column.size()) + " steps or epochs for " +
                                                              std::to_string(values.size()) + " values");
        return detail::call(aim_metric_track_many, handle_.get(), values.data(), steps.empty() ? nullptr : steps.data(),
                            epochs.empty() ? nullptr : epochs.data(), values.size());
    }

    /// Tracks many values, each with its time in seconds since 1970-01-01 UTC; otherwise as try_track_many(). A time that is
    /// none keeps the call from tracking anything.
    Result<void> try_track_many_at(Span<const double> values, Span<const double> times,
                                   Span<const std::int64_t> steps = {}, Span<const std::int64_t> epochs = {}) const {
        for (const std::size_t size : {times.size(), steps.empty() ? values.size() : steps.size(),
                                       epochs.empty() ? values.size() : epochs.size()})
            if (size != values.size())
                return Error(ErrorCode::invalid_argument, std::to_string(size) + " times, steps or epochs for " +
                                                              std::to_string(values.size()) + " values");
        return detail::call(aim_metric_track_many_at, handle_.get(), values.data(), steps.empty() ? nullptr : steps.data(),
                            epochs.empty() ? nullptr : epochs.data(), times.data(), values.size());
    }

#if AIM_EXCEPTIONS
    /// As try_track_many_at(), but throws.
    void track_many_at(Span<const double> values, Span<const double> times, Span<const std::int64_t> steps = {},
                       Span<const std::int64_t> epochs = {}) const {
        try_track_many_at(values, times, steps, epochs).value();
    }

    /// As try_track(), but throws.
    void track(double value, std::int64_t step = auto_step, std::int64_t epoch = no_epoch) const {
        if (aim_metric_track(handle_.get(), value, step, epoch) != AIM_OK) track_again(value, step, epoch).value();
    }

    /// As try_track_many(), but throws.
    void track_many(Span<const double> values, Span<const std::int64_t> steps = {},
                    Span<const std::int64_t> epochs = {}) const {
        try_track_many(values, steps, epochs).value();
    }
#endif

    /// The handle of the C interface, which stays the metric's.
    aim_metric *handle() const noexcept { return handle_.get(); }

  private:
    explicit Metric(aim_metric *handle) noexcept : handle_(handle) {}

    /// aim_metric_track gives no message: after a refusal the value is offered once more to the function that does.
    [[gnu::cold, gnu::noinline]] Result<void> track_again(double value, std::int64_t step, std::int64_t epoch) const {
        return detail::call(aim_metric_track_many, handle_.get(), &value, &step, &epoch, std::size_t{1});
    }

    struct Free {
        void operator()(aim_metric *metric) const noexcept { aim_metric_free(metric); }
    };
    std::unique_ptr<aim_metric, Free> handle_;
};

} // namespace aim
