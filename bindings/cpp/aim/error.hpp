/// @file
/// Errors: aim::Error as an exception, aim::Result where there are none.
#pragma once

#include <aim.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

/// Whether the throwing forms exist in this translation unit.
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define AIM_EXCEPTIONS 1
#else
#define AIM_EXCEPTIONS 0
#endif

namespace aim {

/// What went wrong; the numbers are those of `AIM_ERR_…`, which tell more. A newer library may know further ones.
enum class ErrorCode : aim_status {
    invalid_argument = AIM_ERR_INVALID_ARGUMENT,
    closed = AIM_ERR_CLOSED,
    not_found = AIM_ERR_NOT_FOUND,
    forked = AIM_ERR_FORKED,
    panic = AIM_ERR_PANIC,
    io = AIM_ERR_IO,
    full = AIM_ERR_FULL,
    unsupported_fs = AIM_ERR_UNSUPPORTED_FS,
    corrupt = AIM_ERR_CORRUPT,
    unsupported_version = AIM_ERR_UNSUPPORTED_VERSION,
    busy = AIM_ERR_BUSY,
    syntax = AIM_ERR_SYNTAX,
    cancelled = AIM_ERR_CANCELLED,
    limit = AIM_ERR_LIMIT,
    type = AIM_ERR_TYPE,
    read_only = AIM_ERR_READ_ONLY,
    exists = AIM_ERR_EXISTS,
    timeout = AIM_ERR_TIMEOUT,
    unsupported = AIM_ERR_UNSUPPORTED,
};

/// An error of the library: its code, and its message as what().
class Error : public std::runtime_error {
  public:
    /// An error of the program's own.
    Error(ErrorCode code, const std::string &message) : std::runtime_error(message), code_(code) {}

    /// What kind of error it is.
    ErrorCode code() const noexcept { return code_; }

  private:
    ErrorCode code_;
};

/// A value, or the error that kept it from being there.
template <class T> class [[nodiscard]] Result {
  public:
    /// A value.
    Result(T value) : value_(std::move(value)) {}
    /// An error.
    Result(Error error) : error_(std::move(error)) {}

    /// Whether there is a value.
    bool has_value() const noexcept { return value_.has_value(); }
    /// Whether there is a value.
    explicit operator bool() const noexcept { return has_value(); }

    /// The error; only if there is no value.
    const Error &error() const noexcept { return *error_; }

    /// The value; only if there is one.
    ///@{
    T &operator*() & noexcept { return *value_; }
    const T &operator*() const & noexcept { return *value_; }
    T &&operator*() && noexcept { return *std::move(value_); }
    T *operator->() noexcept { return &*value_; }
    const T *operator->() const noexcept { return &*value_; }
    ///@}

#if AIM_EXCEPTIONS
    /// The value, or the error thrown.
    ///@{
    T &value() & { return has_value() ? *value_ : throw *error_; }
    const T &value() const & { return has_value() ? *value_ : throw *error_; }
    T value() && {
        if (!has_value()) throw *error_;
        return *std::move(value_);
    }
    ///@}
#endif

  private:
    std::optional<T> value_;
    std::optional<Error> error_;
};

/// Success, or an error.
template <> class [[nodiscard]] Result<void> {
  public:
    /// Success.
    Result() noexcept = default;
    /// An error.
    Result(const Error &error) : error_(std::make_unique<Error>(error)) {}

    /// Whether there is no error.
    bool has_value() const noexcept { return !error_; }
    /// Whether there is no error.
    explicit operator bool() const noexcept { return has_value(); }

    /// The error; only if there is one.
    const Error &error() const noexcept { return *error_; }

#if AIM_EXCEPTIONS
    /// Nothing, or the error thrown.
    void value() const {
        if (error_) throw *error_;
    }
#endif

  private:
    std::unique_ptr<Error> error_;
};

namespace detail {

/// Takes over what a failed call left.
inline Error take_error(aim_status status, aim_error *error) {
    const std::unique_ptr<aim_error, decltype(&aim_error_free)> owned(error, &aim_error_free);
    const char *message = aim_error_message(error);
    return Error(static_cast<ErrorCode>(status),
                 message && *message ? message : "libaim answered status " + std::to_string(status));
}

/// Calls a function whose last parameter is the error.
template <class Function, class... Arguments> Result<void> call(Function function, Arguments... arguments) {
    aim_error *error = nullptr;
    const aim_status status = function(arguments..., &error);
    if (status == AIM_OK) return {};
    return take_error(status, error);
}

} // namespace detail
} // namespace aim
