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
    /// Bytes of address space to reserve for the database, also its greatest size. 0: the environment variable
    /// `AIM_MAP_SIZE`, else 1 TiB, or a quarter of what `ulimit -v` leaves.
    std::uint64_t map_size = 0;
    /// Seconds that a tracked value may wait before it is committed, up to 3600. 0: one second.
    double flush_interval = 0;
    /// Bytes of the journal that takes up tracked values. 0: 6 MiB.
    std::uint64_t journal_size = 0;
    /// Open the repository on a network filesystem too. Safe only while one host uses it.
    bool allow_network_fs = false;
    /// Without a path, the search upwards takes a `.aim` of any user; else only of this one.
    bool any_owner = false;
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
    return c;
}

} // namespace detail
} // namespace aim
