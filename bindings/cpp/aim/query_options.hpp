/// @file
/// How a query is asked.
#pragma once

#include "error.hpp"
#include "library.hpp"

#include <aim.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aim {

namespace detail {
class Asking;
}

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
    friend class detail::Asking;

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
    /// What the rows are ordered by, an expression as in `run.hparams.lr`, `metric.last`, `(run.experiment, run.created_at)`;
    /// as aim_query_options::order_by. "": newest run first, then by name, then by context.
    std::string order_by = {};
    /// Greatest first. Rows without a value still come last.
    bool descending = false;
    /// Of Repo::query_arrow(): the columns to be given; none: all.
    std::optional<std::vector<std::string>> columns = {};
};

namespace detail {

/// Options as the C interface takes them. It stays where it is: the library keeps its address.
class Asking {
  public:
    explicit Asking(const QueryOptions &options) : options_(options) {
        c_.offset = options_.offset;
        c_.limit = options_.limit;
        c_.no_index = options_.no_index;
        c_.timeout = options_.timeout;
        c_.max_steps = options_.max_steps;
        c_.max_row_steps = options_.max_row_steps;
        c_.max_row_memory = options_.max_row_memory;
        c_.max_rows = options_.max_rows;
        c_.max_memory = options_.max_memory;
        c_.json = AIM_JSON_WORDS;
        if (!options_.order_by.empty()) c_.order_by = options_.order_by.c_str();
        c_.descending = options_.descending;
        if (options_.columns) {
            columns_.reserve(options_.columns->size() + 1);
            for (const std::string &name : *options_.columns) columns_.push_back(name.c_str());
            c_.columns_len = columns_.size();
            columns_.push_back(nullptr);
            c_.columns = columns_.data();
        }
        if (options_.progress) {
            c_.progress = &tell;
            c_.progress_userdata = this;
        }
    }
    Asking(const Asking &) = delete;
    Asking &operator=(const Asking &) = delete;

    const aim_query_options *c() const noexcept { return &c_; }

    /// What a call answered, or what the progress threw meanwhile.
    template <class T> T settled(T answered) {
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        return answered;
    }

  private:
    static std::int32_t tell(std::uint64_t done, std::uint64_t total, void *self) noexcept {
        auto &asking = *static_cast<Asking *>(self);
        return asking.options_.progress.function_(done, total, asking.thrown_) ? 0 : 1;
    }

    QueryOptions options_;
    std::vector<const char *> columns_;
    aim_query_options c_ = AIM_QUERY_OPTIONS_INIT;
    std::exception_ptr thrown_;
};

} // namespace detail

} // namespace aim
