/// @file
/// Reading params, the same for runs being written and for rows of a query.
#pragma once

#include "error.hpp"
#include "json.hpp"
#include "text.hpp"

#include <string>
#include <type_traits>

namespace aim {

/// Reading params: what Run, RunRow and MetricRow, each a `Reader`, have in common.
template <class Reader> class Params {
  public:
    /// A param as JSON, types intact. `key` is a top-level key, or, with a leading '/', a JSON Pointer into the tree.
    Result<std::string> try_param_json(Text key) const { return reader().read_param(key.c_str()); }

    /// All params as one JSON object.
    Result<std::string> try_params_json() const { return reader().read_param(nullptr); }

    /// A param as bool, an integer, a floating-point number or std::string. `type` if it is something else or does not
    /// fit; any number fits a floating-point type.
    template <class T> Result<T> try_param(Text key) const {
        static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, std::string>,
                      "a param is read as bool, a number or std::string; param_json() reads any other");
        const Result<std::string> json = try_param_json(key);
        if (!json) return json.error();
        if (auto value = detail::JsonReader(*json).scalar<T>()) return *std::move(value);
        constexpr const char *wanted = std::is_same_v<T, bool>          ? "bool"
                                       : std::is_floating_point_v<T>    ? "a number"
                                       : std::is_same_v<T, std::string> ? "a string"
                                                                        : "an integer of this type";
        return Error(ErrorCode::type, "param '" + std::string(key.c_str()) + "' is " + json->substr(0, 60) + ", not " + wanted);
    }

#if AIM_EXCEPTIONS
    /// As try_param_json(), but throws.
    std::string param_json(Text key) const { return try_param_json(key).value(); }
    /// As try_params_json(), but throws.
    std::string params_json() const { return try_params_json().value(); }
    /// As try_param(), but throws.
    template <class T> T param(Text key) const { return try_param<T>(key).value(); }
#endif

  private:
    const Reader &reader() const noexcept { return static_cast<const Reader &>(*this); }
};

} // namespace aim
