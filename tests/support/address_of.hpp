#pragma once
// An address from its two parts. For tests: an IP that cannot be read is an error of theirs.

#include <cstdint>
#include <string_view>

#include "chatd/base/address.hpp"
#include "chatd/base/assert.hpp"

namespace chatd::test {

inline Address address_of(std::string_view ip, std::uint16_t port = 0) {
    const auto parsed = parse_ip(ip);
    CHATD_ASSERT(parsed.has_value());
    Address address = *parsed;
    address.port = port;
    return address;
}

}  // namespace chatd::test
