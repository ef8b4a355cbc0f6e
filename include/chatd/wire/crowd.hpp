#pragma once
// The numbers of a `joined_many` or `left_many` event, which its body carries as text: how many
// came or went, and how many are there since. Any thread.

#include <cstdint>
#include <string>
#include <string_view>

namespace chatd::wire {

struct Crowd {
    std::uint64_t count = 0;   ///< that came or went
    std::uint64_t people = 0;  ///< in the room now
    friend bool operator==(const Crowd&, const Crowd&) = default;
};

/// "500 1234": what crowd_of() reads.
std::string crowd_body(const Crowd& crowd);

/// The numbers of such a body; 0 for one that is missing.
Crowd crowd_of(std::string_view body) noexcept;

}  // namespace chatd::wire
