/// @file
/// aim::Repo: an open repository.
#pragma once

#include "artifacts.hpp"
#include "cursor.hpp"
#include "edit.hpp"
#include "error.hpp"
#include "logs.hpp"
#include "options.hpp"
#include "objects.hpp"
#include "query.hpp"
#include "query_options.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aim {

/// Figures of a repository and of this process's writing to it.
using RepoStats = aim_repo_stats;

/// What a salvage brought over, and what it could not.
using SalvageReport = aim_salvage_report;

/// What a compaction gave back.
using CompactReport = aim_compact_report;

/// What a query selects.
enum class QueryKind : std::int32_t {
    runs = AIM_QUERY_RUNS,
    metrics = AIM_QUERY_METRICS,
};

/// What Repo::list() lists.
enum class Listed : std::int32_t {
    experiments = AIM_LIST_EXPERIMENTS,
    tags = AIM_LIST_TAGS,
    metric_names = AIM_LIST_METRIC_NAMES,
    contexts = AIM_LIST_CONTEXTS,
    param_keys = AIM_LIST_PARAM_KEYS,
};

/// A name, and how many runs have it.
struct ListedName {
    /// Context or path of a param as JSON has it, else the name itself.
    std::string name;
    /// Runs that have it.
    std::uint64_t runs;
};

/// What is described or renamed.
enum class Subject : std::int32_t {
    experiment = AIM_EXPERIMENTS,
    tag = AIM_TAGS,
};

/// What became of Repo::delete_runs().
struct DeletedRuns {
    /// Runs that are gone.
    std::uint64_t deleted = 0;
    /// Runs that are being written: they are still there.
    std::uint64_t busy = 0;
};

/// An open repository, for queries and administration.
class Repo {
  public:
    /// Opens a repository that exists. `path` is the directory that holds `.aim`; none: the nearest one upwards from
    /// the working directory. As aim_repo_open.
    static Result<Repo> try_open(const std::optional<std::string> &path = {}, const RepoOptions &options = {}) {
        const aim_repo_options c_options = detail::to_c(options);
        aim_repo *repo = nullptr;
        if (auto opened = detail::call(aim_repo_open, detail::c_str(path), &c_options, &repo); !opened)
            return opened.error();
        return Repo(Adopt{}, repo);
    }

    /// Takes over a handle of the C interface.
    static Repo adopt(aim_repo *handle) noexcept { return Repo(Adopt{}, handle); }

    /// The handle of the C interface, which stays the repository's.
    aim_repo *handle() const noexcept { return handle_.get(); }

    /// The runs for which an AimQL expression holds, as in `run.hparams.lr > 1e-4`; an empty one selects all. The
    /// answer is a snapshot that holds all that this process has tracked before, and may outlive the repository.
    /// As aim_repo_query_with.
    Result<RunQuery> try_query_runs(Text expression = "", const QueryOptions &options = {}) const {
        return query<RunRow>(expression, QueryKind::runs, options);
    }

    /// The metrics for which an AimQL expression holds, as in ``metric.name == 'loss' and run.hparams.lr > 1e-4``;
    /// otherwise as try_query_runs().
    Result<MetricQuery> try_query_metrics(Text expression = "", const QueryOptions &options = {}) const {
        return query<MetricRow>(expression, QueryKind::metrics, options);
    }

    /// The sequences of objects of a kind for which an AimQL expression holds, as in ``images.name == 'x'``; otherwise as
    /// try_query_runs().
    Result<ObjectQuery> try_query_objects(ObjectKind kind, Text expression = "", const QueryOptions &options = {}) const {
        return query<ObjectRow>(expression, static_cast<QueryKind>(kind), options);
    }

    /// Asks, and fills the caller's `struct ArrowArrayStream`, which is the caller's to release; as
    /// aim_repo_query_arrow_with.
    Result<void> try_query_arrow(Text expression, QueryKind kind, ArrowArrayStream *stream,
                                 const QueryOptions &options = {}) const {
        detail::Asking asking(options);
        return asking.settled(detail::call(aim_repo_query_arrow_with, handle(), expression.c_str(),
                                           static_cast<std::int32_t>(kind), asking.c(), stream));
    }

    /// As try_query_runs(), in parts, for an answer that is larger than memory.
    Result<RunCursor> try_stream_runs(Text expression = "", const QueryOptions &options = {}) const {
        return RunCursor::open(handle(), expression, static_cast<std::int32_t>(QueryKind::runs), options);
    }

    /// As try_query_metrics(), in parts, for an answer that is larger than memory.
    Result<MetricCursor> try_stream_metrics(Text expression = "", const QueryOptions &options = {}) const {
        return MetricCursor::open(handle(), expression, static_cast<std::int32_t>(QueryKind::metrics), options);
    }

    /// Explains, for people, how a query would be answered; as aim_query_explain.
    Result<std::string> try_explain(Text expression) const {
        char *plan = nullptr;
        if (auto explained = detail::call(aim_query_explain, handle(), expression.c_str(), &plan); !explained)
            return explained.error();
        return detail::take_text(plan);
    }

    /// Up to `count` records of one of a run's logs, from number `first` on; as aim_repo_read_logs.
    Result<std::vector<LogRecord>> try_read_logs(Text run_hash, LogStream stream, std::uint64_t first,
                                                 std::uint64_t count) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_repo_read_logs, handle(), run_hash.c_str(), static_cast<std::int32_t>(stream),
                                     first, count, &json);
            !read)
            return read.error();
        return detail::parse_logs(detail::take_text(json));
    }

    /// Which records of a run's log are kept.
    Result<LogRange> try_count_logs(Text run_hash, LogStream stream) const {
        LogRange range;
        if (auto read = detail::call(aim_repo_count_logs, handle(), run_hash.c_str(), static_cast<std::int32_t>(stream),
                                     &range.first, &range.end);
            !read)
            return read.error();
        return range;
    }

    /// Deletes a run with its params and points.
    Result<void> try_delete_run(Text hash) const { return detail::call(aim_repo_delete_run, handle(), hash.c_str()); }

    /// Opens a run for reading by its hash; the answer has one row. As aim_repo_open_run.
    Result<RunQuery> try_open_run(Text hash) const { return open<RunRow>(hash, QueryKind::runs); }
    /// Opens the metrics of a run for reading, by its hash. As aim_repo_open_run.
    Result<MetricQuery> try_open_metrics(Text hash) const { return open<MetricRow>(hash, QueryKind::metrics); }

    /// Makes changes to one stored run; its status and times stay. As aim_repo_edit_run.
    Result<void> try_edit(Text hash, const Edit &edit) const {
        if (edit.error()) return *edit.error();
        return detail::call(aim_repo_edit_run, handle(), hash.c_str(), edit.handle());
    }
    /// Makes changes to all runs that an expression selects, or to none; how many. As aim_repo_edit_runs.
    Result<std::uint64_t> try_edit_runs(Text expression, const Edit &edit) const {
        if (edit.error()) return *edit.error();
        std::uint64_t count = 0;
        if (auto done = detail::call(aim_repo_edit_runs, handle(), expression.c_str(), edit.handle(), &count); !done)
            return done.error();
        return count;
    }
    /// Deletes all runs that an expression selects, except those that are being written. As aim_repo_delete_runs.
    Result<DeletedRuns> try_delete_runs(Text expression) const {
        DeletedRuns gone;
        if (auto done = detail::call(aim_repo_delete_runs, handle(), expression.c_str(), &gone.deleted, &gone.busy); !done)
            return done.error();
        return gone;
    }
    /// The notes of a run, as JSON. As aim_repo_get_notes.
    Result<std::string> try_notes(Text hash) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_repo_get_notes, handle(), hash.c_str(), &json); !read) return read.error();
        return detail::take_text(json);
    }
    /// Describes an experiment or a tag; `colour` is "#" and six hex digits, or empty. As aim_repo_describe.
    Result<void> try_describe(Subject what, Text name, Text description, Text colour = "") const {
        return detail::call(aim_repo_describe, handle(), static_cast<std::int32_t>(what), name.c_str(), description.c_str(),
                            colour.c_str());
    }
    /// Renames an experiment or a tag in all runs; how many had it. As aim_repo_rename.
    Result<std::uint64_t> try_rename(Subject what, Text from, Text to) const {
        std::uint64_t count = 0;
        if (auto done = detail::call(aim_repo_rename, handle(), static_cast<std::int32_t>(what), from.c_str(), to.c_str(),
                                     &count);
            !done)
            return done.error();
        return count;
    }
    /// Takes a tag from all runs; how many had it. As aim_repo_delete_tag.
    Result<std::uint64_t> try_delete_tag(Text tag) const {
        std::uint64_t count = 0;
        if (auto done = detail::call(aim_repo_delete_tag, handle(), tag.c_str(), &count); !done) return done.error();
        return count;
    }
    /// What runs have: all, or those that an expression selects. As aim_repo_list.
    Result<std::vector<ListedName>> try_list(Listed what, const std::optional<std::string> &expression = {}) const {
        aim_list *list = nullptr;
        if (auto found = detail::call(aim_repo_list, handle(), static_cast<std::int32_t>(what), detail::c_str(expression),
                                      &list);
            !found)
            return found.error();
        const std::unique_ptr<aim_list, void (*)(aim_list *)> owned(list, aim_list_free);
        std::vector<ListedName> names;
        for (std::size_t i = 0; i < aim_list_len(list); i++)
            names.push_back({aim_list_name(list, i), aim_list_count(list, i)});
        return names;
    }

    /// What a run logged, every version; as aim_repo_artifacts.
    Result<std::vector<Artifact>> try_artifacts(Text run_hash) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_repo_artifacts, handle(), run_hash.c_str(), &json); !read) return read.error();
        return detail::parse_artifacts(detail::take_text(json));
    }
    /// Reads all artifacts of a run and compares them with what was logged; as aim_repo_verify_artifacts.
    Result<std::vector<VerifiedArtifact>> try_verify_artifacts(Text run_hash) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_repo_verify_artifacts, handle(), run_hash.c_str(), &json); !read)
            return read.error();
        return detail::parse_verified(detail::take_text(json));
    }
    /// Copies an artifact, as in "RUN/NAME:best", into a directory; where it is then. As aim_repo_fetch_artifact.
    Result<std::string> try_fetch_artifact(Text reference, Text into) const {
        char *path = nullptr;
        if (auto done = detail::call(aim_repo_fetch_artifact, handle(), reference.c_str(), into.c_str(), &path); !done)
            return done.error();
        return detail::take_text(path);
    }
    /// Gives a version one more name, which it takes from another one; as aim_repo_alias_artifact.
    Result<void> try_alias_artifact(Text reference, Text alias) const {
        return detail::call(aim_repo_alias_artifact, handle(), reference.c_str(), alias.c_str());
    }
    /// Deletes a version with what is kept of it; as aim_repo_delete_artifact.
    Result<void> try_delete_artifact(Text reference) const {
        return detail::call(aim_repo_delete_artifact, handle(), reference.c_str());
    }
    /// The runs that use an artifact; as aim_repo_artifact_users.
    Result<std::vector<ArtifactUser>> try_artifact_users(Text reference) const {
        char *json = nullptr;
        if (auto read = detail::call(aim_repo_artifact_users, handle(), reference.c_str(), &json); !read)
            return read.error();
        return detail::parse_users(detail::take_text(json));
    }

    /// Figures of the repository and of this process's writing to it.
    Result<RepoStats> try_stats() const {
        aim_repo_stats stats = AIM_REPO_STATS_INIT;
        if (auto read = detail::call(aim_repo_get_stats, handle(), &stats); !read) return read.error();
        return stats;
    }

    /// Copies what is intact in the repository at `path`, which cannot be opened any more, into a new one at `into`. As
    /// aim_repo_salvage.
    static Result<SalvageReport> try_salvage(Text path, Text into, const RepoOptions &options = {}) {
        const aim_repo_options c_options = detail::to_c(options);
        aim_salvage_report report = AIM_SALVAGE_REPORT_INIT;
        if (auto done = detail::call(aim_repo_salvage, path.c_str(), into.c_str(), &c_options, &report); !done)
            return done.error();
        return report;
    }

    /// Makes the data file of the repository at `path` as small as what it holds, while nobody has it open. As
    /// aim_repo_compact.
    static Result<CompactReport> try_compact(Text path, const RepoOptions &options = {}) {
        const aim_repo_options c_options = detail::to_c(options);
        aim_compact_report report = AIM_COMPACT_REPORT_INIT;
        if (auto done = detail::call(aim_repo_compact, path.c_str(), &c_options, &report); !done)
            return done.error();
        return report;
    }

#if AIM_EXCEPTIONS
    /// Opens a repository, as try_open(), but throws.
    explicit Repo(const std::optional<std::string> &path = {}, const RepoOptions &options = {})
        : Repo(try_open(path, options).value()) {}

    /// As try_query_runs(), but throws.
    RunQuery query_runs(Text expression = "", const QueryOptions &options = {}) const {
        return try_query_runs(expression, options).value();
    }
    /// As try_query_metrics(), but throws.
    MetricQuery query_metrics(Text expression = "", const QueryOptions &options = {}) const {
        return try_query_metrics(expression, options).value();
    }
    /// As try_query_objects(), but throws.
    ObjectQuery query_objects(ObjectKind kind, Text expression = "", const QueryOptions &options = {}) const {
        return try_query_objects(kind, expression, options).value();
    }
    /// As try_query_arrow(), but throws.
    void query_arrow(Text expression, QueryKind kind, ArrowArrayStream *stream, const QueryOptions &options = {}) const {
        try_query_arrow(expression, kind, stream, options).value();
    }
    /// As try_stream_runs(), but throws.
    RunCursor stream_runs(Text expression = "", const QueryOptions &options = {}) const {
        return try_stream_runs(expression, options).value();
    }
    /// As try_stream_metrics(), but throws.
    MetricCursor stream_metrics(Text expression = "", const QueryOptions &options = {}) const {
        return try_stream_metrics(expression, options).value();
    }
    /// As try_explain(), but throws.
    std::string explain(Text expression) const { return try_explain(expression).value(); }
    /// As try_read_logs(), but throws.
    std::vector<LogRecord> read_logs(Text run_hash, LogStream stream, std::uint64_t first, std::uint64_t count) const {
        return try_read_logs(run_hash, stream, first, count).value();
    }
    /// As try_count_logs(), but throws.
    LogRange count_logs(Text run_hash, LogStream stream) const { return try_count_logs(run_hash, stream).value(); }
    /// As try_delete_run(), but throws.
    void delete_run(Text hash) const { try_delete_run(hash).value(); }
    /// As try_open_run(), but throws.
    RunQuery open_run(Text hash) const { return try_open_run(hash).value(); }
    /// As try_open_metrics(), but throws.
    MetricQuery open_metrics(Text hash) const { return try_open_metrics(hash).value(); }
    /// As try_edit(), but throws.
    void edit(Text hash, const Edit &edit) const { try_edit(hash, edit).value(); }
    /// As try_edit_runs(), but throws.
    std::uint64_t edit_runs(Text expression, const Edit &edit) const { return try_edit_runs(expression, edit).value(); }
    /// As try_delete_runs(), but throws.
    DeletedRuns delete_runs(Text expression) const { return try_delete_runs(expression).value(); }
    /// As try_notes(), but throws.
    std::string notes(Text hash) const { return try_notes(hash).value(); }
    /// As try_describe(), but throws.
    void describe(Subject what, Text name, Text description, Text colour = "") const {
        try_describe(what, name, description, colour).value();
    }
    /// As try_rename(), but throws.
    std::uint64_t rename(Subject what, Text from, Text to) const { return try_rename(what, from, to).value(); }
    /// As try_delete_tag(), but throws.
    std::uint64_t delete_tag(Text tag) const { return try_delete_tag(tag).value(); }
    /// As try_list(), but throws.
    std::vector<ListedName> list(Listed what, const std::optional<std::string> &expression = {}) const {
        return try_list(what, expression).value();
    }
    /// As try_artifacts(), but throws.
    std::vector<Artifact> artifacts(Text run_hash) const { return try_artifacts(run_hash).value(); }
    /// As try_verify_artifacts(), but throws.
    std::vector<VerifiedArtifact> verify_artifacts(Text run_hash) const { return try_verify_artifacts(run_hash).value(); }
    /// As try_fetch_artifact(), but throws.
    std::string fetch_artifact(Text reference, Text into) const { return try_fetch_artifact(reference, into).value(); }
    /// As try_alias_artifact(), but throws.
    void alias_artifact(Text reference, Text alias) const { try_alias_artifact(reference, alias).value(); }
    /// As try_delete_artifact(), but throws.
    void delete_artifact(Text reference) const { try_delete_artifact(reference).value(); }
    /// As try_artifact_users(), but throws.
    std::vector<ArtifactUser> artifact_users(Text reference) const { return try_artifact_users(reference).value(); }
    /// As try_stats(), but throws.
    RepoStats stats() const { return try_stats().value(); }
    /// As try_salvage(), but throws.
    static SalvageReport salvage(Text path, Text into, const RepoOptions &options = {}) {
        return try_salvage(path, into, options).value();
    }
    /// As try_compact(), but throws.
    static CompactReport compact(Text path, const RepoOptions &options = {}) {
        return try_compact(path, options).value();
    }
#endif

  private:
    struct Adopt {};
    struct Free {
        void operator()(aim_repo *repo) const noexcept { aim_repo_free(repo); }
    };

    Repo(Adopt, aim_repo *handle) noexcept : handle_(handle) {}

    template <class Row> Result<Query<Row>> query(Text expression, QueryKind kind, const QueryOptions &options) const {
        detail::Asking asking(options);
        aim_query *query = nullptr;
        const auto answered = asking.settled(detail::call(aim_repo_query_with, handle(), expression.c_str(),
                                                          static_cast<std::int32_t>(kind), asking.c(), &query));
        if (!answered) return answered.error();
        return Query<Row>::adopt(query);
    }

    template <class Row> Result<Query<Row>> open(Text hash, QueryKind kind) const {
        aim_query *query = nullptr;
        if (auto opened = detail::call(aim_repo_open_run, handle(), hash.c_str(), static_cast<std::int32_t>(kind), &query);
            !opened)
            return opened.error();
        return Query<Row>::adopt(query);
    }

    std::unique_ptr<aim_repo, Free> handle_;
};

} // namespace aim
