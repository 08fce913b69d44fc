/// @file
/// aim::Cursor: an answer that comes in parts.
#pragma once

#include "error.hpp"
#include "query.hpp"
#include "query_options.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace aim {

/// The answer to Repo::stream_runs() or Repo::stream_metrics(), in parts of some thousands of rows:
///
///     aim::MetricCursor cursor = repo.stream_metrics("metric.name == 'loss'");
///     while (std::optional<aim::MetricQuery> part = cursor.next())
///         for (const aim::MetricRow row : *part) use(row);
template <class Row> class Cursor {
  public:
    /// Begins; as aim_cursor_open.
    static Result<Cursor> open(const aim_repo *repo, Text expression, std::int32_t kind, const QueryOptions &options) {
        auto asking = std::make_unique<detail::Asking>(options);
        aim_cursor *cursor = nullptr;
        if (auto opened = detail::call(aim_cursor_open, repo, expression.c_str(), kind, asking->c(), &cursor); !opened)
            return opened.error();
        return Cursor(cursor, std::move(asking));
    }

    /// The handle of the C interface, which stays the cursor's.
    aim_cursor *handle() const noexcept { return handle_.get(); }

    /// The next rows, as they are now; none after the last ones. The first part may be empty. Parts outlive the cursor. As
    /// aim_cursor_next.
    Result<std::optional<Query<Row>>> try_next() {
        aim_query *part = nullptr;
        const auto found = asking_->settled(detail::call(aim_cursor_next, handle(), &part));
        if (!found) return found.error();
        std::optional<Query<Row>> rows;
        if (part) rows.emplace(Query<Row>::adopt(part));
        return rows;
    }

#if AIM_EXCEPTIONS
    /// As try_next(), but throws.
    std::optional<Query<Row>> next() { return try_next().value(); }
#endif

  private:
    struct Free {
        void operator()(aim_cursor *cursor) const noexcept { aim_cursor_free(cursor); }
    };

    Cursor(aim_cursor *handle, std::unique_ptr<detail::Asking> asking) noexcept
        : asking_(std::move(asking)), handle_(handle) {}

    // Behind the handle in time: the library tells it how far it is.
    std::unique_ptr<detail::Asking> asking_;
    std::unique_ptr<aim_cursor, Free> handle_;
};

/// The answer to Repo::stream_runs().
using RunCursor = Cursor<RunRow>;
/// The answer to Repo::stream_metrics().
using MetricCursor = Cursor<MetricRow>;

} // namespace aim
