#include "chatd/client/dial.hpp"

#include <fmt/core.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "chatd/client/clock.hpp"
#include "chatd/client/dialling.hpp"

namespace chatd::client {

namespace {

struct AddrinfoFree {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using AddrinfoList = std::unique_ptr<addrinfo, AddrinfoFree>;

std::string resolve_error_text(const std::string& host, int code) {
    const auto zone = host.find('%');
    switch (code) {
        case EAI_NONAME:
            if (zone != std::string::npos && ::if_nametoindex(host.c_str() + zone + 1) == 0) {
                return fmt::format("there is no network interface {}", host.substr(zone + 1));
            }
            return "no such host";
        case EAI_AGAIN:
            return "the name server does not answer; try again later";
        case EAI_SYSTEM:
            return error_text(errno);
        default:
            return gai_strerror(code);
    }
}

std::expected<Socket, DialError> await(Dialling dialling) {
    while (dialling.state() == Dialling::State::dialling) {
        const auto polled = dialling.poll_fds();
        std::vector<pollfd> fds(polled.begin(), polled.end());
        ::poll(fds.data(), fds.size(), poll_timeout_ms(now(), dialling.deadline()));
        dialling.step(now());
    }
    if (dialling.state() == Dialling::State::failed) return std::unexpected(dialling.error());
    return dialling.take();
}

}  // namespace

std::expected<std::vector<Endpoint>, DialError> resolve(const Target& target, Transport transport) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* first = nullptr;
    const std::string port = std::to_string(target.port);
    const int code = ::getaddrinfo(target.host.c_str(), port.c_str(), &hints, &first);
    const AddrinfoList list(first);
    std::vector<Endpoint> endpoints;
    for (const addrinfo* info = first; code == 0 && info != nullptr; info = info->ai_next) {
        Endpoint endpoint;
        if (info->ai_addrlen > sizeof endpoint.storage) continue;
        std::memcpy(&endpoint.storage, info->ai_addr, info->ai_addrlen);
        endpoint.length = info->ai_addrlen;
        if (std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end()) continue;
        endpoints.push_back(endpoint);
        if (endpoints.size() == endpoints_max) break;
    }
    if (endpoints.empty()) {
        const std::string why = code == 0 ? "no such host" : resolve_error_text(target.host, code);
        return std::unexpected(
            DialError{DialError::Reason::unresolved, fmt::format("{}: {}.", target.text(), why)});
    }
    return endpoints;
}

std::expected<Socket, DialError> dial_tcp(const Target& target, const DialOptions& options) {
    auto endpoints = resolve(target, Transport::tcp);
    if (!endpoints) return std::unexpected(std::move(endpoints.error()));
    return dial_tcp(*endpoints, target.text(), options);
}

std::expected<Socket, DialError> dial_tcp(std::span<const Endpoint> endpoints,
                                          std::string_view name, const DialOptions& options) {
    return await(Dialling({endpoints.begin(), endpoints.end()}, std::string(name), options));
}

std::expected<Socket, DialError> connect_udp(const Endpoint& endpoint) {
    Socket socket(
        ::socket(endpoint.get()->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.fd(), endpoint.get(), endpoint.length) != 0) {
        const std::string why = error_text(errno);
        return std::unexpected(DialError{DialError::Reason::unreachable,
                                         fmt::format("{}: {}.", endpoint.text(), why)});
    }
    return socket;
}

std::string error_text(int error_number) {
    std::string text = std::generic_category().message(error_number);
    if (error_number == ETIMEDOUT) return "timed out";
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

std::string_view start_hint(bool loopback) noexcept {
    return loopback ? "Is chatd running? ./scripts/run --tcp 4399 --udp 8080"
                    : "Is chatd running there, on that port?";
}

}  // namespace chatd::client
