/// @file
/// aim::Value: what a param or a context can be, made from C++ values.
#pragma once

#include "json.hpp"
#include "text.hpp"
#include "traits.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aim {

/// A tree of values, as a param or a context holds it. It is made from
///
/// - null (`nullptr`), `bool`, integers, floating-point numbers (NaN and infinities too), strings;
/// - nested lists: `{{"lr", 1e-4}, {"layers", {64, 10}}}` is an object with two members. A list is an object if all its
///   elements are lists of two whose first is a string, else an array; object() and array() decide otherwise;
/// - maps with strings as keys (objects), other ranges (arrays), optionals (null if empty);
/// - ranges of std::byte that lie in a row (bytes);
/// - nlohmann::json and what has its interface, NaN and infinities included;
/// - JSON as text, by json().
///
/// `{}` is null, and a list of one aim::Value is that value. Text that is not UTF-8, and JSON that is none, are refused
/// by the call that gets the value.
class Value {
  public:
    /// Null.
    ///@{
    Value() noexcept = default;
    Value(std::nullptr_t) noexcept {}
    ///@}
    /// Text.
    Value(std::string_view text) : kind_(Kind::string), text_(text) {}
    /// Text; NULL is null.
    Value(const char *text) {
        if (text) *this = Value(std::string_view(text));
    }

    /// A value of any other type of the list above.
    template <class T, class = std::enable_if_t<detail::is_value<T>()>> Value(const T &value) {
        if constexpr (detail::is_json<T>::value) {
            append_foreign(become(Kind::json), value);
        } else if constexpr (std::is_same_v<T, bool>) {
            become(Kind::boolean);
            integer_ = value;
        } else if constexpr (std::is_integral_v<T>) {
            if (value > 0 && static_cast<std::uint64_t>(value) > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
                detail::append_integer(become(Kind::json), static_cast<std::uint64_t>(value));
            } else {
                become(Kind::integer);
                integer_ = static_cast<std::int64_t>(value);
            }
        } else if constexpr (std::is_floating_point_v<T>) {
            become(Kind::number);
            number_ = static_cast<double>(value);
        } else if constexpr (std::is_convertible_v<const T &, std::string_view>) {
            become(Kind::string) = static_cast<std::string_view>(value);
        } else if constexpr (std::is_convertible_v<const T &, std::string>) {
            become(Kind::string) = static_cast<std::string>(value);
        } else if constexpr (detail::is_bytes<T>::value) {
            become(Kind::bytes).assign(reinterpret_cast<const char *>(value.data()), value.size());
        } else if constexpr (detail::is_optional<T>::value) {
            if (value.has_value()) *this = Value(*value);
        } else {
            append_range(become(Kind::json), value);
        }
    }

    /// An object or an array, as the list looks.
    Value(std::initializer_list<Value> list) : Value(all_pairs(list) ? object(list) : array(list)) {
        // A list of two that begins with a string may be a member of an object.
        if (list.size() == 2 && list.begin()->kind_ == Kind::string) key_end_ = list.begin()->to_json().size() + 1;
    }

    /// A list of values, whatever they are.
    static Value array(std::initializer_list<Value> list) {
        Value result;
        append_range(result.become(Kind::json), list);
        return result;
    }

    /// An object of members `{"key", value}`. A member of another form is refused by the call that gets the value.
    static Value object(std::initializer_list<Value> members) {
        Value result;
        std::string &out = result.become(Kind::json);
        char separator = '{';
        for (const Value &member : members) {
            const std::string_view pair = member.text_; // ["key",value]
            out += separator;
            separator = ',';
            if (member.key_end_ > 0) {
                out += pair.substr(1, member.key_end_ - 1);
                out += ':';
                out += pair.substr(member.key_end_ + 1, pair.size() - member.key_end_ - 2);
            } else {
                member.append_to(out);
            }
        }
        out += members.size() == 0 ? "{}" : "}";
        return result;
    }

    /// JSON as text.
    static Value json(std::string text) {
        Value result;
        result.become(Kind::json) = std::move(text);
        return result;
    }

    /// The value as JSON.
    std::string to_json() const {
        std::string out;
        append_to(out);
        return out;
    }

    /// Calls `use` with the value as NUL-terminated JSON, or with NULL for null: how the C interface takes contexts.
    template <class Use> auto as_context(Use use) const {
        if (kind_ == Kind::null) return use(static_cast<const char *>(nullptr));
        if (kind_ == Kind::json) return use(Text(text_).c_str());
        return use(Text(to_json()).c_str());
    }

  private:
    friend class Run;

    enum class Kind : std::uint8_t { null, boolean, integer, number, string, bytes, json };

    std::string &become(Kind kind) noexcept {
        kind_ = kind;
        return text_;
    }

    static bool all_pairs(std::initializer_list<Value> list) noexcept {
        for (const Value &element : list)
            if (element.key_end_ == 0) return false;
        return list.size() > 0;
    }

    void append_to(std::string &out) const {
        switch (kind_) {
        case Kind::null: out += "null"; break;
        case Kind::boolean: out += integer_ ? "true" : "false"; break;
        case Kind::integer: detail::append_integer(out, integer_); break;
        case Kind::number: detail::append_number(out, number_); break;
        case Kind::string: detail::append_string(out, text_); break;
        case Kind::bytes: detail::append_bytes(out, text_); break;
        case Kind::json: out += text_; break;
        }
    }

    template <class T> static void append_range(std::string &out, const T &range) {
        constexpr bool object = detail::is_map<T>::value;
        char separator = object ? '{' : '[';
        bool empty = true;
        for (auto &&entry : range) {
            const detail::element_of<T> &element = entry; // std::vector<bool> hands out something else
            out += separator;
            separator = ',';
            empty = false;
            if constexpr (object) {
                detail::append_string(out, element.first);
                out += ':';
                Value(element.second).append_to(out);
            } else {
                Value(element).append_to(out);
            }
        }
        if (empty) out += separator;
        out += object ? '}' : ']';
    }

    /// Not by dump(), which turns NaN into null.
    template <class Json> static void append_foreign(std::string &out, const Json &json) {
        char separator = json.is_object() ? '{' : '[';
        if (json.is_object()) {
            for (const auto &member : json.items()) {
                out += separator;
                separator = ',';
                detail::append_string(out, member.key());
                out += ':';
                append_foreign(out, member.value());
            }
            out += json.empty() ? "{}" : "}";
        } else if (json.is_array()) {
            for (const auto &element : json) {
                out += separator;
                separator = ',';
                append_foreign(out, element);
            }
            out += json.empty() ? "[]" : "]";
        } else if (json.is_number_float()) {
            detail::append_number(out, json.template get<double>());
        } else if (json.is_string()) {
            detail::append_string(out, json.template get<std::string>());
        } else if (json.is_binary()) {
            const auto &bytes = json.get_binary();
            detail::append_bytes(out, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
        } else {
            out += json.dump(); // null, a boolean or an integer
        }
    }

    Kind kind_ = Kind::null;
    std::int64_t integer_ = 0;
    double number_ = 0;
    std::string text_;        // of a string, bytes or JSON
    std::size_t key_end_ = 0; // of a list that may be a member of an object: where the key ends in text_
};

} // namespace aim
