/// @file
/// How runs end.
#pragma once

#include <aim.h>

#include <cstdint>
#include <optional>

namespace aim {

/// What became of a run.
enum class RunStatus : std::int32_t {
    running = AIM_RUN_RUNNING,
    finished = AIM_RUN_FINISHED,
    crashed = AIM_RUN_CRASHED,
    failed = AIM_RUN_FAILED,
    interrupted = AIM_RUN_INTERRUPTED,
};

/// How a run ended; as aim_outcome.
struct Outcome {
    /// Any but `running`.
    RunStatus status = RunStatus::finished;
    /// The exit code of the program, if it is known.
    std::optional<std::int32_t> exit_code = {};
    /// The number of the signal that ended it; 0: none.
    std::int32_t signal = 0;
    /// When it ended, in seconds since 1970-01-01 UTC; 0: now.
    double finalized_at = 0;
};

namespace detail {

inline aim_outcome to_c(const Outcome &outcome) noexcept {
    aim_outcome c = AIM_OUTCOME_INIT;
    c.status = static_cast<std::int32_t>(outcome.status);
    c.has_exit_code = outcome.exit_code.has_value();
    c.exit_code = outcome.exit_code.value_or(0);
    c.signal = outcome.signal;
    c.finalized_at = outcome.finalized_at;
    return c;
}

} // namespace detail
} // namespace aim
