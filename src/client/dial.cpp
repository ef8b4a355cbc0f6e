#include "chatd/client/dial.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>

#include "chatd/client/clock.hpp"

namespace chatd::client {

namespace {

struct AddrinfoFree {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using AddrinfoList = std::unique_ptr<addrinfo, AddrinfoFree>;

std::string resolve_error_text(int code) {
    switch (code) {
        case EAI_NONAME:
            return "no such host";
        case EAI_AGAIN:
            return "the name server does not answer; try again later";
        case EAI_SYSTEM:
            return error_text(errno);
        default:
            return gai_strerror(code);
    }
}

bool same(const Endpoint& left, const Endpoint& right) noexcept {
    return left.length == right.length &&
           std::memcmp(&left.storage, &right.storage, left.length) == 0;
}

Socket open_socket(const Endpoint& endpoint, int type) noexcept {
    return Socket(::socket(endpoint.get()->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Waits for a connect() in progress; 0 once connected, else the errno of its failure.
int await_connected(int fd, Time deadline) noexcept {
    for (;;) {
        pollfd wanted{fd, POLLOUT, 0};
        const int ready = ::poll(&wanted, 1, poll_timeout_ms(now(), deadline));
        if (ready == 0) return ETIMEDOUT;
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return errno;
        int error = 0;
        socklen_t length = sizeof error;
        if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
        return error;
    }
}

// 0 and the socket, or the errno of the failure.
int try_tcp(const Endpoint& endpoint, Duration timeout, Socket& socket) noexcept {
    socket = open_socket(endpoint, SOCK_STREAM);
    if (!socket) return errno;
    int error = 0;
    if (::connect(socket.fd(), endpoint.get(), endpoint.length) != 0) {
        error = errno == EINPROGRESS ? await_connected(socket.fd(), now() + timeout) : errno;
    }
    if (error != 0) return error;
    // A line typed or a line of load leaves at once; batching is the caller's business.
    const int on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

}  // namespace

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
        const auto known = [&](const Endpoint& other) { return same(endpoint, other); };
        if (std::any_of(endpoints.begin(), endpoints.end(), known)) continue;
        endpoints.push_back(endpoint);
        if (endpoints.size() == endpoints_max) break;
    }
    if (endpoints.empty()) {
        const std::string why = code == 0 ? "no such host" : resolve_error_text(code);
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
    std::string failures;
    bool all_silent = true;
    bool refused_here = false;
    bool refused = false;
    for (const Endpoint& endpoint : endpoints) {
        Socket socket;
        const int error = try_tcp(endpoint, options.address_timeout, socket);
        if (error == 0) return socket;
        all_silent = all_silent && error == ETIMEDOUT;
        refused = refused || error == ECONNREFUSED;
        refused_here = refused_here || (error == ECONNREFUSED && endpoint.is_loopback());
        if (!failures.empty()) failures += "; ";
        failures += fmt::format("{} {}", endpoint.ip_text(), error_text(error));
    }
    std::string message = fmt::format("{}: {}.", name, failures);
    if (refused) message += fmt::format(" {}", start_hint(refused_here));
    const auto reason = all_silent ? DialError::Reason::timed_out : DialError::Reason::unreachable;
    return std::unexpected(DialError{reason, std::move(message)});
}

std::expected<Socket, DialError> connect_udp(const Endpoint& endpoint) {
    Socket socket = open_socket(endpoint, SOCK_DGRAM);
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
