/// @file
/// Which C++ types aim::Value can be made from, and as what.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aim {

class Value;

namespace detail {

template <class T>
using element_of = typename std::iterator_traits<decltype(std::begin(std::declval<const T &>()))>::value_type;

template <class T, class = void> struct is_range : std::false_type {};
template <class T> struct is_range<T, std::void_t<element_of<T>>> : std::true_type {};

/// A range of pairs that begin with a string.
template <class T, class = void> struct is_map : std::false_type {};
template <class T>
struct is_map<T, std::void_t<typename element_of<T>::second_type>>
    : std::is_convertible<const typename element_of<T>::first_type &, std::string_view> {};

template <class T, class = void> struct is_bytes : std::false_type {};
template <class T>
struct is_bytes<T, std::void_t<std::enable_if_t<std::is_same_v<element_of<T>, std::byte>>,
                               decltype(std::declval<const T &>().data())>> : std::true_type {};

template <class T, class = void> struct is_optional : std::false_type {};
template <class T>
struct is_optional<T,
                   std::void_t<decltype(std::declval<const T &>().has_value()), decltype(*std::declval<const T &>())>>
    : std::true_type {};

/// What has the interface of nlohmann::json.
template <class T, class = void> struct is_json : std::false_type {};
template <class T>
struct is_json<T, std::void_t<decltype(std::declval<const T &>().items()), decltype(std::declval<const T &>().dump()),
                              decltype(std::declval<const T &>().is_number_float())>> : std::true_type {};

template <class T> constexpr bool is_value() {
    if constexpr (std::is_same_v<T, Value> || std::is_pointer_v<T> || std::is_convertible_v<const T &, const char *>)
        return false; // Value's other constructors take these, or nothing does
    else
        return std::is_arithmetic_v<T> || is_json<T>::value || std::is_convertible_v<const T &, std::string> ||
               std::is_convertible_v<const T &, std::string_view> || is_optional<T>::value || is_range<T>::value;
}

} // namespace detail
} // namespace aim
