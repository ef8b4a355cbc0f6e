#include "chatd/io/listener.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "chatd/io/socket_address.hpp"

namespace chatd::io {

namespace {

bool set_option(int descriptor, int level, int name, int value) noexcept {
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

// The first option that the kernel refused, or null.
const char* set_options(int descriptor, const Address& address, const ListenerOptions& options) {
    const auto seconds = [](std::chrono::seconds value) { return static_cast<int>(value.count()); };
    const auto milliseconds = seconds(options.user_timeout) * 1000;
    if (!set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)) return "SO_REUSEADDR";
    if (address.family == Address::Family::ipv6 &&
        !set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
        return "IPV6_V6ONLY";
    }
    if (!set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)) return "TCP_NODELAY";
    if (!set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)) return "SO_KEEPALIVE";
    if (!set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, seconds(options.keepalive_idle))) {
        return "TCP_KEEPIDLE";
    }
    if (!set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, seconds(options.keepalive_interval))) {
        return "TCP_KEEPINTVL";
    }
    if (!set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_probes)) {
        return "TCP_KEEPCNT";
    }
    if (!set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds)) {
        return "TCP_USER_TIMEOUT";
    }
    if (!set_option(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.unsent_bytes_max)) {
        return "TCP_NOTSENT_LOWAT";
    }
    return nullptr;
}

}  // namespace

std::expected<int, Error> open_listener(const Address& address, const ListenerOptions& options) {
    const int family = address.family == Address::Family::ipv6 ? AF_INET6 : AF_INET;
    const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return std::unexpected(Error{errno, "socket"});
    const auto refuse = [&](const char* what) {
        const int number = errno;
        close(descriptor);
        return std::unexpected(Error{number, what});
    };
    if (const char* refused = set_options(descriptor, address, options)) return refuse(refused);
    const SocketAddress name = to_sockaddr(address);
    if (bind(descriptor, name.get(), name.length) != 0) return refuse("bind");
    if (listen(descriptor, options.backlog) != 0) return refuse("listen");
    return descriptor;
}

std::size_t unsent_bytes(int descriptor) noexcept {
    int bytes = 0;
    if (ioctl(descriptor, SIOCOUTQNSD, &bytes) != 0 || bytes < 0) return 0;
    return static_cast<std::size_t>(bytes);
}

std::size_t raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

bool has_ipv6_loopback() noexcept {
    const int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    const bool bound = bind(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    close(descriptor);
    return bound;
}

}  // namespace chatd::io
