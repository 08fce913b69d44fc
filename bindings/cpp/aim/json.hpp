/// @file
/// The little JSON that the binding itself needs: writing scalars and strings, and reading what the library answers.
#pragma once

#include <algorithm>
#include <cfenv>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>
#if !defined(__cpp_lib_to_chars)
#include <locale>
#include <sstream>
#endif

namespace aim::detail {

/// The default floating-point environment while it lives: numbers are written and read in one way, whatever the program
/// rounds, traps or flushes.
class DefaultFloats {
  public:
    DefaultFloats() noexcept {
        std::fegetenv(&before_);
        std::fesetenv(FE_DFL_ENV);
    }
    DefaultFloats(const DefaultFloats &) = delete;
    DefaultFloats &operator=(const DefaultFloats &) = delete;
    ~DefaultFloats() { std::fesetenv(&before_); }

  private:
    std::fenv_t before_;
};

/// Appends text as a JSON string.
inline void append_string(std::string &out, std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

template <class Integer> void append_integer(std::string &out, Integer value) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

/// Appends a floating-point number that reads back as the same one, and not as an integer.
inline void append_number(std::string &out, double value) {
    const DefaultFloats floats;
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
    } else {
        const std::size_t start = out.size();
#if defined(__cpp_lib_to_chars)
        char buffer[32];
        out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
#else
        std::ostringstream stream; // unlike printf, it can be told to ignore the process's locale
        stream.imbue(std::locale::classic());
        stream.precision(std::numeric_limits<double>::max_digits10);
        stream << value;
        out += stream.str();
#endif
        if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
    }
}

/// Appends bytes as the JSON object that stands for them.
inline void append_bytes(std::string &out, std::string_view bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out += R"({"__bytes__":")";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = i; k < i + 3; k++) group = group << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u);
        out += digits[group >> 18];
        out += digits[group >> 12 & 63];
        out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
        out += i + 2 < bytes.size() ? digits[group & 63] : '=';
    }
    out += "\"}";
}

inline void append_utf8(std::string &out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 63));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 63));
        out += static_cast<char>(0x80 | (c & 63));
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 63));
        out += static_cast<char>(0x80 | (c >> 6 & 63));
        out += static_cast<char>(0x80 | (c & 63));
    }
}

/// Reads JSON that the library wrote, which is valid and compact. What is of another type than asked for is nothing.
class JsonReader {
  public:
    explicit JsonReader(std::string_view text) noexcept : rest_(text) {}

    /// Takes `token` if it comes next.
    bool take(std::string_view token) noexcept {
        if (rest_.substr(0, token.size()) != token) return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    std::optional<std::string> string() {
        if (!take("\"")) return std::nullopt;
        std::string out;
        while (!rest_.empty() && !take("\"")) {
            const char c = next();
            if (c != '\\')
                out += c;
            else if (const char escaped = next(); escaped == 'u')
                append_utf8(out, code_point());
            else if (const auto at = std::string_view("bfnrt").find(escaped); at != std::string_view::npos)
                out += "\b\f\n\r\t"[at];
            else
                out += escaped;
        }
        return out;
    }

    std::optional<bool> boolean() noexcept {
        if (take("true")) return true;
        if (take("false")) return false;
        return std::nullopt;
    }

    /// The text of a number, NaN and the infinities included.
    std::optional<std::string_view> number() noexcept {
        const auto size = std::min(rest_.find_first_not_of("+-.0123456789eEINafinty"), rest_.size());
        if (size == 0 || std::string_view("-0123456789NI").find(rest_[0]) == std::string_view::npos) return std::nullopt;
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    /// Passes over a value of any type.
    void skip() {
        int depth = 0;
        do {
            if (rest_.empty()) return;
            if (rest_[0] == '"') {
                string();
                continue;
            }
            const char c = next();
            if (c == '{' || c == '[') depth++;
            if (c == '}' || c == ']') depth--;
            if (depth == 0) // the rest of a number or a word
                while (!rest_.empty() && std::string_view(",]}").find(rest_[0]) == std::string_view::npos) next();
        } while (depth > 0);
    }

    /// Calls `member(name)`, which reads or skips the value, for each member of an object.
    template <class Member> void object(Member member) {
        if (!take("{") || take("}")) return;
        do {
            const std::optional<std::string> name = string();
            if (!name || !take(":")) return;
            member(*name);
        } while (take(","));
        take("}");
    }

    /// Calls `element()`, which reads or skips the value, for each element of an array.
    template <class Element> void array(Element element) {
        if (!take("[") || take("]")) return;
        do element();
        while (take(","));
        take("]");
    }

    /// The strings of an array.
    std::vector<std::string> strings() {
        std::vector<std::string> out;
        array([&] { out.push_back(string().value_or("")); });
        return out;
    }

    /// A scalar as a C++ type: bool, an integer that can hold it, a floating-point type or std::string.
    template <class T> std::optional<T> scalar() {
        if constexpr (std::is_same_v<T, bool>) {
            return boolean();
        } else if constexpr (std::is_integral_v<T>) {
            const auto text = number();
            T value{};
            if (!text) return std::nullopt;
            const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
            if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
            return value;
        } else if constexpr (std::is_floating_point_v<T>) {
            const auto text = number();
            return text ? std::optional<T>(static_cast<T>(to_double(*text))) : std::nullopt;
        } else {
            return string();
        }
    }

  private:
    char next() noexcept {
        if (rest_.empty()) return '\0';
        const char c = rest_[0];
        rest_.remove_prefix(1);
        return c;
    }

    std::uint32_t code_unit() noexcept {
        std::uint32_t unit = 0;
        std::from_chars(rest_.data(), rest_.data() + std::min<std::size_t>(4, rest_.size()), unit, 16);
        rest_.remove_prefix(std::min<std::size_t>(4, rest_.size()));
        return unit;
    }

    std::uint32_t code_point() noexcept {
        const std::uint32_t high = code_unit();
        if (high < 0xD800 || high > 0xDBFF || !take("\\u")) return high;
        return 0x10000 + ((high - 0xD800) << 10) + (code_unit() - 0xDC00);
    }

    static double to_double(std::string_view text) {
        const DefaultFloats floats;
        if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
        if (text == "Infinity") return std::numeric_limits<double>::infinity();
        if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
#if defined(__cpp_lib_to_chars)
        double value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        // Out of range, where from_chars leaves the value alone: strtod tells overflow from underflow.
        return parsed.ec == std::errc() ? value : std::strtod(std::string(text).c_str(), nullptr);
#else
        std::istringstream stream{std::string(text)};
        stream.imbue(std::locale::classic());
        double value = 0;
        stream >> value;
        return value;
#endif
    }

    std::string_view rest_;
};

} // namespace aim::detail
