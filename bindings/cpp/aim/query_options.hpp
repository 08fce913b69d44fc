/// @file
/// How a query is asked.
#pragma once

#include "error.hpp"
#include "library.hpp"

#include <aim.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace aim {

/// A function `bool(std::uint64_t done, std::uint64_t total)` that is told how many runs were looked at and how many
/// there are to look at; false cancels the query. It is called by the thread that asks, every few milliseconds, also
/// while one row is evaluated.
/// What it throws cancels the query and leaves the call that asked, a `try_` one too.
class Progress {
  public:
    /// Nobody is told.
    Progress() noexcept = default;

    /// Tells `function`.
    template <class Function, bool Exceptions = AIM_EXCEPTIONS,
              class = std::enable_if_t<std::is_invocable_r_v<bool, Function &, std::uint64_t, std::uint64_t>>>
    Progress(Function function)
        : function_([function = std::move(function)](std::uint64_t done, std::uint64_t total,
                                                     std::exception_ptr &thrown) mutable -> bool {
              return detail::contain<Exceptions>([&]() -> bool { return function(done, total); },
                                                 [&] {
                                                     thrown = std::current_exception();
                                                     return false;
                                                 });
          }) {}

    /// Whether somebody is told.
    explicit operator bool() const noexcept { return static_cast<bool>(function_); }

  private:
    friend class Repo;

    std::function<bool(std::uint64_t, std::uint64_t, std::exception_ptr &)> function_;
};

/// How a query is asked.
struct QueryOptions {
    /// Rows to leave out at the beginning.
    std::uint64_t offset = 0;
    /// Rows to return at most; 0: all.
    std::uint64_t limit = 0;
    /// Told how far the query is.
    Progress progress = {};
    /// Evaluate the expression on every run instead of asking the indexes first. The answer is the same.
    bool no_index = false;
    /// Seconds that the query may take, as aim_query_options::timeout; 0: 60, infinity: as long as it takes. Whatever
    /// reaches one of these bounds is Status::limit; a row that reaches one of its own is a failure of the row.
    double timeout = 0;
    /// Steps of all rows; 0: 1,000,000,000.
    std::uint64_t max_steps = 0;
    /// Steps of a row; 0: 1,000,000.
    std::uint64_t max_row_steps = 0;
    /// Bytes of the values that a row makes; 0: 16 MiB.
    std::uint64_t max_row_memory = 0;
    /// Rows of the answer; 0: 10,000,000.
    std::uint64_t max_rows = 0;
    /// Bytes that the rows of the answer take in memory; 0: 1 GiB.
    std::uint64_t max_memory = 0;
};

} // namespace aim
