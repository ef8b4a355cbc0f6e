#include "chatd/wire/crowd.hpp"

#include <charconv>

namespace chatd::wire {

std::string crowd_body(const Crowd& crowd) {
    return std::to_string(crowd.count) + ' ' + std::to_string(crowd.people);
}

Crowd crowd_of(std::string_view body) noexcept {
    Crowd crowd;
    const char* const end = body.data() + body.size();
    const auto count = std::from_chars(body.data(), end, crowd.count);
    if (count.ptr != end) std::from_chars(count.ptr + 1, end, crowd.people);
    return crowd;
}

}  // namespace chatd::wire
