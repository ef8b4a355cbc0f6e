#pragma once
// What happens in a world, a line each, for whoever looks into a failure (--trace).

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "chatd/base/time.hpp"

namespace chatd::simulation {

inline bool tracing = false;

/// `what` in a few words, formatted from the rest, about the client `number`.
template <class... Values>
void trace(Time now, std::uint32_t number, fmt::format_string<Values...> what, Values&&... values) {
    if (!tracing) return;
    fmt::print(stderr, "{:>12.3f} ms  client {:<3} {}\n",
               std::chrono::duration<double, std::milli>(now.time_since_epoch()).count(), number,
               fmt::format(what, std::forward<Values>(values)...));
}

}  // namespace chatd::simulation
