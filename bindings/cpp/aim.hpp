/// @file
/// libaim from C++17: runs, metrics and queries as objects that free themselves, on top of aim.h.
///
/// Errors.    A call that fails throws aim::Error. Every call that can fail has a twin with the prefix `try_` that
///            returns an aim::Result instead; without exceptions (-fno-exceptions) only the twins exist. Neither form
///            throws anything else of its own, save std::bad_alloc.
///
/// Ownership. aim::Run, aim::Metric, aim::Repo, aim::Query and aim::Sample own a handle of the library: they can be
///            moved, not copied. What they lend out (aim::Span, aim::TextView, rows) lives as long as they do. An
///            object that was moved from only answers AIM_ERR_INVALID_ARGUMENT.
///
/// Threads.   Every object may be used from several threads at once, but moved or destroyed only when nobody uses it.
///
/// Processes. An object used in a forked child answers AIM_ERR_FORKED; destroying it there touches nothing.
///
/// Text.      UTF-8. A std::string with a NUL inside is refused where C takes text.
#pragma once

#if !defined(_MSVC_LANG) && __cplusplus < 201703L
#error "aim.hpp needs C++17 or newer: compile with -std=c++17. Older programs use aim.h, which is C."
#else

#include "aim/artifacts.hpp" // IWYU pragma: export
#include "aim/cursor.hpp" // IWYU pragma: export
#include "aim/edit.hpp" // IWYU pragma: export
#include "aim/error.hpp" // IWYU pragma: export
#include "aim/labels.hpp" // IWYU pragma: export
#include "aim/library.hpp" // IWYU pragma: export
#include "aim/logs.hpp" // IWYU pragma: export
#include "aim/metric.hpp" // IWYU pragma: export
#include "aim/objects.hpp" // IWYU pragma: export
#include "aim/options.hpp" // IWYU pragma: export
#include "aim/outcome.hpp" // IWYU pragma: export
#include "aim/query.hpp" // IWYU pragma: export
#include "aim/query_options.hpp" // IWYU pragma: export
#include "aim/repo.hpp" // IWYU pragma: export
#include "aim/run.hpp" // IWYU pragma: export
#include "aim/text.hpp" // IWYU pragma: export
#include "aim/value.hpp" // IWYU pragma: export

#endif
