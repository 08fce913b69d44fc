/// @file
/// aim::Query: the answer to a query, as a range of rows.
#pragma once

#include "error.hpp"
#include "objects.hpp"
#include "rows.hpp"
#include "text.hpp"

#include <aim.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>

namespace aim {

/// Rows on which the expression of a query failed; they are not among the results.
struct QueryFailures {
    /// Number of rows.
    std::uint64_t count = 0;
    /// Why the first one failed; "" if none did.
    std::string reason;
};

/// The answer to a query: rows, newest run first, then by name, then by context. A range with random access to
/// aim::RunRow or aim::MetricRow, which are made on the way.
template <class Row> class Query {
  public:
    class iterator;
    /// As of every range.
    ///@{
    using value_type = Row;
    using const_iterator = iterator;
    ///@}

    /// Takes over a handle of the C interface.
    static Query adopt(aim_query *handle) noexcept { return Query(handle); }

    /// The handle of the C interface, which stays the query's.
    aim_query *handle() const noexcept { return handle_.get(); }

    /// Number of rows.
    std::size_t size() const noexcept { return aim_query_len(handle()); }
    /// Whether there are no rows.
    bool empty() const noexcept { return size() == 0; }
    /// Row `i`; only if it is below size().
    Row operator[](std::size_t i) const noexcept { return Row(handle(), i); }
    /// The first row; only if there is one.
    Row front() const noexcept { return (*this)[0]; }
    /// The last row; only if there is one.
    Row back() const noexcept { return (*this)[size() - 1]; }
    /// At the first row.
    iterator begin() const noexcept { return iterator(handle(), 0); }
    /// Behind the last row.
    iterator end() const noexcept { return iterator(handle(), static_cast<std::ptrdiff_t>(size())); }

    /// How many rows the expression failed on, and why.
    Result<QueryFailures> try_failures() const {
        QueryFailures failures;
        char *reason = nullptr;
        if (auto read = detail::call(aim_query_failures, handle(), &failures.count, &reason); !read) return read.error();
        failures.reason = detail::take_text(reason);
        return failures;
    }

    /// What the answer misses, as text for people: values that could not be committed, on a full disk, say. Empty for an
    /// answer that holds all that was tracked before.
    std::string warning() const {
        const char *text = aim_query_warning(handle());
        return text ? text : std::string();
    }

    /// The query's runs as a table in JSON, one object each; as aim_query_table.
    Result<std::string> try_table_json() const {
        char *json = nullptr;
        if (auto read = detail::call(aim_query_table, handle(), &json); !read) return read.error();
        return detail::take_text(json);
    }

#if AIM_EXCEPTIONS
    /// As try_failures(), but throws.
    QueryFailures failures() const { return try_failures().value(); }
    /// As try_table_json(), but throws.
    std::string table_json() const { return try_table_json().value(); }
#endif

  private:
    explicit Query(aim_query *handle) noexcept : handle_(handle) {}

    struct Free {
        void operator()(aim_query *query) const noexcept { aim_query_free(query); }
    };
    std::unique_ptr<aim_query, Free> handle_;
};

/// The answer to Repo::query_runs().
using RunQuery = Query<RunRow>;
/// The answer to Repo::query_metrics().
using MetricQuery = Query<MetricRow>;
/// The answer to Repo::query_objects().
using ObjectQuery = Query<ObjectRow>;

/// Points at a row; valid as long as the query. Rows are handed out by value, so to C++17 it is an input iterator.
template <class Row> class Query<Row>::iterator {
  public:
    /// As of every iterator with random access.
    ///@{
    using iterator_category = std::input_iterator_tag;
#if defined(__cpp_lib_ranges)
    using iterator_concept = std::random_access_iterator_tag;
#endif
    using value_type = Row;
    using reference = Row;
    using difference_type = std::ptrdiff_t;
    ///@}
    /// Keeps the row while one of its members is called.
    struct pointer {
        /// The row.
        Row row;
        /// The row.
        const Row *operator->() const noexcept { return &row; }
    };

    /// At no row.
    iterator() noexcept = default;
    /// At row `index` of a query of the C interface, borrowed.
    iterator(const aim_query *query, std::ptrdiff_t index) noexcept : query_(query), index_(index) {}

    /// As of every iterator with random access.
    ///@{
    Row operator*() const noexcept { return Row(query_, static_cast<std::size_t>(index_)); }
    pointer operator->() const noexcept { return {**this}; }
    Row operator[](std::ptrdiff_t n) const noexcept { return *(*this + n); }

    iterator &operator++() noexcept { return *this += 1; }
    iterator &operator--() noexcept { return *this -= 1; }
    iterator operator++(int) noexcept { return iterator(query_, index_++); }
    iterator operator--(int) noexcept { return iterator(query_, index_--); }
    iterator &operator+=(std::ptrdiff_t n) noexcept {
        index_ += n;
        return *this;
    }
    iterator &operator-=(std::ptrdiff_t n) noexcept { return *this += -n; }
    friend iterator operator+(iterator it, std::ptrdiff_t n) noexcept { return it += n; }
    friend iterator operator+(std::ptrdiff_t n, iterator it) noexcept { return it += n; }
    friend iterator operator-(iterator it, std::ptrdiff_t n) noexcept { return it -= n; }
    friend std::ptrdiff_t operator-(iterator a, iterator b) noexcept { return a.index_ - b.index_; }
    friend bool operator==(iterator a, iterator b) noexcept { return a.index_ == b.index_; }
    friend bool operator!=(iterator a, iterator b) noexcept { return a.index_ != b.index_; }
    friend bool operator<(iterator a, iterator b) noexcept { return a.index_ < b.index_; }
    friend bool operator>(iterator a, iterator b) noexcept { return a.index_ > b.index_; }
    friend bool operator<=(iterator a, iterator b) noexcept { return a.index_ <= b.index_; }
    friend bool operator>=(iterator a, iterator b) noexcept { return a.index_ >= b.index_; }
    ///@}

  private:
    const aim_query *query_ = nullptr;
    std::ptrdiff_t index_ = 0;
};

} // namespace aim

