/// @file
/// Text that crosses the C interface without a copy, and views of memory that the library owns.
#pragma once

#include <cstddef>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_ranges)
#include <ranges>
#endif

#include <aim.h>

namespace aim {

/// A std::string_view of text that ends with a NUL, as C wants it.
class TextView : public std::string_view {
  public:
    /// NULL is taken for "".
    TextView(const char *text) noexcept : std::string_view(text ? text : "") {}

    /// The text with its NUL.
    const char *c_str() const noexcept { return data(); }
};

/// Text as an argument: a literal, a `const char *`, a std::string or a TextView, borrowed for the call.
class Text {
  public:
    /// A literal or another NUL-terminated text.
    Text(const char *text) noexcept : text_(text) {}
    /// Text that the library lent.
    Text(TextView text) noexcept : text_(text.c_str()) {}
    /// C would see only what comes before a NUL, so such text becomes an encoding that the library refuses.
    Text(const std::string &text) noexcept
        : text_(std::memchr(text.data(), 0, text.size()) ? "\xC0\x80 (a NUL inside the text)" : text.c_str()) {}

    /// The text with its NUL.
    const char *c_str() const noexcept { return text_; }

  private:
    const char *text_;
};

/// A view of numbers in a row, as C++20's std::span, to which it converts. As an argument it takes whatever has data()
/// and size(), or an array.
template <class T> class Span {
  public:
    /// As std::span's.
    ///@{
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using pointer = T *;
    using reference = T &;
    using iterator = T *;
    using reverse_iterator = std::reverse_iterator<iterator>;

    constexpr Span() noexcept = default;
    constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N> constexpr Span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    template <class Container,
              class = std::enable_if_t<std::is_convertible_v<
                  std::remove_pointer_t<decltype(std::declval<Container &>().data())> (*)[], T (*)[]>>>
    constexpr Span(Container &&container) noexcept : data_(container.data()), size_(container.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr reverse_iterator rbegin() const noexcept { return reverse_iterator(end()); }
    constexpr reverse_iterator rend() const noexcept { return reverse_iterator(begin()); }
    constexpr T &operator[](std::size_t i) const noexcept { return data_[i]; }
    constexpr T &front() const noexcept { return data_[0]; }
    constexpr T &back() const noexcept { return data_[size_ - 1]; }
    ///@}

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

namespace detail {

/// Copies text that the library handed over, and gives it back.
inline std::string take_text(char *text) {
    const std::unique_ptr<char, decltype(&aim_string_free)> owned(text, &aim_string_free);
    return text ? std::string(text) : std::string();
}

} // namespace detail
} // namespace aim

#if defined(__cpp_lib_ranges)
template <class T> inline constexpr bool std::ranges::enable_borrowed_range<aim::Span<T>> = true;
template <class T> inline constexpr bool std::ranges::enable_view<aim::Span<T>> = true;
#endif
