/// @file
/// Settings of repositories and runs.
#pragma once

#include "text.hpp"

#include <aim.h>

#include <cstdint>
#include <optional>
#include <string>

namespace aim {

/// In place of a step: the one after the sequence's last, or 0.
inline constexpr std::int64_t auto_step = AIM_STEP_AUTO;
/// In place of an epoch: none.
inline constexpr std::int64_t no_epoch = AIM_EPOCH_NONE;

/// Settings of a repository; as aim_repo_options. They count when the process first opens it; who joins later shares them.
struct RepoOptions {
    /// Bytes of address space to reserve for the database at first. 0: the environment variable
    /// `AIM_MAP_SIZE`, else 1 TiB, or a quarter of what `ulimit -v` leaves.
    std::uint64_t map_size = 0;
    /// Seconds that a tracked value may wait before it is committed, 0.001 to 3600. 0: one second.
    double flush_interval = 0;
    /// Bytes of the journal that takes up tracked values. 0: 6 MiB.
    std::uint64_t journal_size = 0;
    /// Open the repository on a network filesystem too. Safe only while one host uses it.
    bool allow_network_fs = false;
    /// Without a path, the search upwards takes a `.aim` of any user; else only of this one.
    bool any_owner = false;
};

/// What may happen where a run is named by RunOptions::run_id.
enum class RunIdMode : std::int32_t {
    open_or_create = AIM_OPEN_OR_CREATE,
    create = AIM_CREATE,
    open = AIM_OPEN,
};

/// Whether anything is tracked.
enum class Mode : std::int32_t {
    /// As the environment variable AIM_MODE says.
    as_set = AIM_MODE_AS_SET,
    /// Whatever it says.
    enabled = AIM_MODE_ENABLED,
    /// Calls succeed and do nothing, whatever it says.
    disabled = AIM_MODE_DISABLED,
};

/// How a run is opened; as aim_run_options.
struct RunOptions {
    /// Directory of the repository, made if missing. None: the nearest directory upwards from the working directory
    /// that holds `.aim`, else the working directory.
    std::optional<std::string> repo = {};
    /// Name of the experiment. None: "default", or what a continued run has.
    std::optional<std::string> experiment = {};
    /// None: a new run. Else 24 hex digits: continues that run, finished, crashed or being written by others.
    std::optional<std::string> run_hash = {};
    /// Settings of the repository.
    RepoOptions repo_options = {};
    /// Seconds between two readings of what the process, the host and its GPUs use, 0.1 to 86400. 0: none.
    double system_tracking_interval = 0;
    /// Of the processes on this host that give the same name here, one at a time reads the system. Good for the ranks
    /// of one job: give the job's id. None: this process reads for itself.
    std::optional<std::string> system_tracking_group = {};
    /// With system_tracking_interval: read what the processes below this one use, too.
    bool system_tracking_children = false;
    /// Record what the program and the machine are, as the param `__system_params`; values with a secret name are
    /// masked. Nobody may call `setenv` meanwhile.
    bool log_system_params = false;
    /// More names to mask, separated by commas; `*` stands for anything.
    std::optional<std::string> mask_names = {};
    /// Record what the process and its children write to file descriptors 1 and 2, in LogStream::terminal; it still
    /// reaches the terminal.
    bool capture_terminal_logs = false;
    /// The only variables of the environment that log_system_params records, separated by commas; `*` stands for
    /// anything. "": none. None given: all.
    std::optional<std::string> env_names = {};
    /// The run is found by this text, the id of a job, for one. "auto": what the batch system calls the job.
    std::optional<std::string> run_id = {};
    /// What may happen with `run_id`.
    RunIdMode run_id_mode = RunIdMode::open_or_create;
    /// 24 hex digits that a new run gets as its hash.
    std::optional<std::string> new_hash = {};
    /// When a new run was created, in seconds since 1970-01-01 UTC; 0: now.
    double created_at = 0;
    /// What is past is brought in: the run does not run, and keeps status and end unless close_as() gives others.
    bool no_lease = false;
    /// What the run's metrics have from this step on is dropped by the first process that goes on with it.
    std::optional<std::int64_t> resume_step = {};
    /// Whether anything is tracked.
    Mode mode = Mode::as_set;
};

namespace detail {

inline const char *c_str(const std::optional<std::string> &text) noexcept { return text ? Text(*text).c_str() : nullptr; }

inline aim_repo_options to_c(const RepoOptions &options) noexcept {
    aim_repo_options c = AIM_REPO_OPTIONS_INIT;
    c.map_size = options.map_size;
    c.flush_interval = options.flush_interval;
    c.journal_size = options.journal_size;
    c.allow_network_fs = options.allow_network_fs;
    c.any_owner = options.any_owner ? 1 : 0;
    return c;
}

/// The result borrows from both arguments.
inline aim_run_options to_c(const RunOptions &options, const aim_repo_options &repo_options) noexcept {
    aim_run_options c = AIM_RUN_OPTIONS_INIT;
    c.repo = c_str(options.repo);
    c.experiment = c_str(options.experiment);
    c.run_hash = c_str(options.run_hash);
    c.repo_options = &repo_options;
    c.system_tracking_interval = options.system_tracking_interval;
    c.system_tracking_group = c_str(options.system_tracking_group);
    c.log_system_params = options.log_system_params;
    c.mask_names = c_str(options.mask_names);
    c.capture_terminal_logs = options.capture_terminal_logs;
    c.env_names = c_str(options.env_names);
    c.run_id = c_str(options.run_id);
    c.run_id_mode = static_cast<std::int32_t>(options.run_id_mode);
    c.new_hash = c_str(options.new_hash);
    c.created_at = options.created_at;
    c.no_lease = options.no_lease;
    c.resume = options.resume_step.has_value();
    c.resume_step = options.resume_step.value_or(0);
    c.system_tracking_children = options.system_tracking_children;
    c.mode = static_cast<std::int32_t>(options.mode);
    return c;
}

} // namespace detail
} // namespace aim
