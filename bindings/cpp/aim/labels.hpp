/// @file
/// aim::Label: a member of a context that is written in place, as in `{{"subset", "train"}, {"rank", 3}}`.
#pragma once

#include "json.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace aim {

/// A key and a plain value: text, a bool, or a number, borrowed for the call. Contexts of more than that are an
/// aim::Value, which braces become by themselves.
class Label {
  public:
    /// Text.
    Label(std::string_view key, std::string_view text) noexcept : key_(key), kind_(Kind::text), text_(text) {}
    /// Text; NULL is null.
    Label(std::string_view key, const char *text) noexcept : key_(key), kind_(text ? Kind::text : Kind::null) {
        if (text) text_ = text;
    }
    /// Text.
    Label(std::string_view key, const std::string &text) noexcept : Label(key, std::string_view(text)) {}
    /// A bool, an integer or a floating-point number.
    template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
    Label(std::string_view key, T value) noexcept : key_(key) {
        if constexpr (std::is_same_v<T, bool>) {
            kind_ = Kind::boolean;
            integer_ = value;
        } else if constexpr (std::is_floating_point_v<T>) {
            kind_ = Kind::number;
            number_ = static_cast<double>(value);
        } else {
            kind_ = std::is_signed_v<T> ? Kind::integer : Kind::natural;
            integer_ = static_cast<std::int64_t>(value);
        }
    }

    /// Appends `"key":value`.
    void append_to(std::string &out) const {
        detail::append_string(out, key_);
        out += ':';
        switch (kind_) {
        case Kind::null: out += "null"; break;
        case Kind::text: detail::append_string(out, text_); break;
        case Kind::boolean: out += integer_ ? "true" : "false"; break;
        case Kind::integer: detail::append_integer(out, integer_); break;
        case Kind::natural: detail::append_integer(out, static_cast<std::uint64_t>(integer_)); break;
        case Kind::number: detail::append_number(out, number_); break;
        }
    }

    /// Writes `"key":value` between `at` and `end`; returns where it ends, or NULL where append_to() has to.
    char *write(char *at, char *end) const noexcept {
        at = put(at, end, key_);
        if (!at || at == end) return nullptr;
        *at++ = ':';
        switch (kind_) {
        case Kind::null: return copy(at, end, "null");
        case Kind::text: return put(at, end, text_);
        case Kind::boolean: return copy(at, end, integer_ ? std::string_view("true") : std::string_view("false"));
        case Kind::integer: return end_of(std::to_chars(at, end, integer_));
        case Kind::natural: return end_of(std::to_chars(at, end, static_cast<std::uint64_t>(integer_)));
        case Kind::number: break;
        }
        return nullptr;
    }

  private:
    enum class Kind : std::uint8_t { null, text, boolean, integer, natural, number };

    static char *end_of(std::to_chars_result written) noexcept { return written.ec == std::errc() ? written.ptr : nullptr; }

    static char *copy(char *at, char *end, std::string_view text) noexcept {
        if (static_cast<std::size_t>(end - at) < text.size()) return nullptr;
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        return at + text.size();
    }

    /// Text in quotes, if nothing in it needs to be escaped.
    static char *put(char *at, char *end, std::string_view text) noexcept {
        if (static_cast<std::size_t>(end - at) < text.size() + 2) return nullptr;
        *at++ = '"';
        for (const char c : text) {
            if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') return nullptr;
            *at++ = c;
        }
        *at++ = '"';
        return at;
    }

    std::string_view key_;
    Kind kind_ = Kind::text;
    std::string_view text_ = {};
    std::int64_t integer_ = 0;
    double number_ = 0;
};

namespace detail {

/// A context as NUL-terminated JSON, in place if it is short.
class LabelText {
  public:
    explicit LabelText(std::initializer_list<Label> labels) {
        char *at = buffer_, *const end = buffer_ + sizeof buffer_ - 2; // for the brace and the NUL
        char separator = '{';
        for (const Label &label : labels) {
            if (at == end) at = nullptr;
            if (at) *at++ = separator;
            separator = ',';
            if (at) at = label.write(at, end);
            if (!at) break;
        }
        if (at && labels.size() > 0) {
            std::memcpy(at, "}", 2);
            text_ = buffer_;
        } else if (labels.size() > 0) {
            for (const Label &label : labels) {
                long_ += long_.empty() ? '{' : ',';
                label.append_to(long_);
            }
            long_ += '}';
            text_ = long_.c_str();
        }
    }
    LabelText(const LabelText &) = delete;
    LabelText &operator=(const LabelText &) = delete;

    /// The JSON; NULL for no labels.
    const char *c_str() const noexcept { return text_; }

  private:
    char buffer_[256];
    std::string long_ = {};
    const char *text_ = nullptr;
};

} // namespace detail
} // namespace aim
