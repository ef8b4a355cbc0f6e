#include "chatd/client/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace chatd::client {

std::string Endpoint::ip_text() const {
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1] = "?";
    ::getnameinfo(get(), length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    return text;
}

std::string Endpoint::text() const {
    char port[8] = "?";
    ::getnameinfo(get(), length, nullptr, 0, port, sizeof port, NI_NUMERICSERV);
    const bool brackets = get()->sa_family == AF_INET6;
    return fmt::format(fmt::runtime(brackets ? "[{}]:{}" : "{}:{}"), ip_text(), port);
}

bool Endpoint::is_loopback() const noexcept {
    if (get()->sa_family == AF_INET) {
        sockaddr_in plain;
        std::memcpy(&plain, &storage, sizeof plain);
        return ntohl(plain.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (get()->sa_family != AF_INET6) return false;
    sockaddr_in6 wide;
    std::memcpy(&wide, &storage, sizeof wide);
    return IN6_IS_ADDR_LOOPBACK(&wide.sin6_addr);
}

bool operator==(const Endpoint& left, const Endpoint& right) noexcept {
    return left.length == right.length &&
           std::memcmp(&left.storage, &right.storage, left.length) == 0;
}

std::vector<Endpoint> interleave_families(std::span<const Endpoint> endpoints) {
    std::vector<Endpoint> first;
    std::vector<Endpoint> others;
    for (const Endpoint& endpoint : endpoints) {
        const bool as_first = endpoint.get()->sa_family == endpoints.front().get()->sa_family;
        (as_first ? first : others).push_back(endpoint);
    }
    std::vector<Endpoint> mixed;
    mixed.reserve(endpoints.size());
    for (std::size_t place = 0; place < std::max(first.size(), others.size()); ++place) {
        if (place < first.size()) mixed.push_back(first[place]);
        if (place < others.size()) mixed.push_back(others[place]);
    }
    return mixed;
}

}  // namespace chatd::client
