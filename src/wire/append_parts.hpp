#pragma once
// Appending a text that is made of many small parts, in one piece.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace chatd::wire {

/// Appends all of them. Inlined always: a literal's size is known then, and copying it is a store
/// or two where a call would cost more than the bytes.
[[gnu::always_inline]] inline void append_parts(std::string& out,
                                                std::same_as<std::string_view> auto... parts) {
    const std::size_t start = out.size();
    const std::size_t end = start + (parts.size() + ...);
    // The size that is passed may be larger than what was asked for.
    out.resize_and_overwrite(end, [&](char* text, std::size_t) noexcept {
        char* target = text + start;
        const auto put = [&target](std::string_view part) noexcept {
            target = std::copy(part.begin(), part.end(), target);  // an empty part may be null
        };
        (put(parts), ...);
        return end;
    });
}

}  // namespace chatd::wire
