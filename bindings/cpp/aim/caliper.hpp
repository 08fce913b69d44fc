/// @file
/// aim::CaliperTracker: the times of the regions that a program marks for Caliper. Not part of aim.hpp.
#pragma once

#include "../aim.hpp"

#include <caliper/RegionProfile.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace aim {

/// Tracks the seconds that were spent in each of Caliper's regions since this was made: `region_seconds` with what lies in
/// them, `region_self_seconds` without, both with the context `{"region": its name}`. Regions of one name are one. It is used
/// by one thread at a time; Caliper counts regions of every thread.
class CaliperTracker {
  public:
    /// Begins to measure. The run has to live as long as this. Ranks of a job are told apart by `"rank"` in the context.
    explicit CaliperTracker(const Run &run, std::optional<int> rank = std::nullopt) : run_(&run), rank_(rank) {
        profile_.start();
    }

    /// A point for each region that was left so far.
    Result<void> try_track(std::int64_t step = auto_step, std::int64_t epoch = no_epoch) {
        if (auto done = try_times("region_seconds", profile_.inclusive_region_times(), step, epoch); !done) return done;
        return try_times("region_self_seconds", profile_.exclusive_region_times(), step, epoch);
    }
    /// As try_track(); throws aim::Error.
    void track(std::int64_t step = auto_step, std::int64_t epoch = no_epoch) { try_track(step, epoch).value(); }

  private:
    Result<void> try_times(Text name, const cali::RegionProfile::region_profile_t &times, std::int64_t step,
                           std::int64_t epoch) const {
        for (const auto &[region, seconds] : std::get<0>(times)) {
            const Value context = rank_ ? Value{{"region", region}, {"rank", *rank_}} : Value{{"region", region}};
            if (auto done = run_->try_track(name, seconds, step, epoch, context); !done) return done;
        }
        return {};
    }

    const Run *run_;
    std::optional<int> rank_;
    cali::RegionProfile profile_;
};

} // namespace aim
