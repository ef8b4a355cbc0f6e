#include "server/bind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "chatd/base/exit_code.hpp"
#include "chatd/io/listener.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/server/log.hpp"

namespace chatd::server {

namespace {

// The kernel closes what a ring held only some milliseconds after its process has ended, so that a
// chatd that was killed still has its port when the next one starts.
constexpr std::chrono::milliseconds release_max{1'000};
constexpr std::chrono::milliseconds release_step{5};

// Port 0 on both loopbacks means one number that is free on both: drawn again when it is not.
constexpr int port_draws_max = 16;

std::string_view advice(int number) {
    switch (number) {
        case EADDRINUSE:
            return "another program has it; choose another port, or 0 to pick one";
        case EACCES:
            return "ports below 1024 need root or CAP_NET_BIND_SERVICE";
        case EADDRNOTAVAIL:
            return "this machine has no such address";
        default:
            return "check the address";
    }
}

StartError bind_error(std::string_view flag, const Address& address, const io::Error& error) {
    const int code = error.number == EACCES ? status_of(ExitCode::not_permitted)
                                            : status_of(ExitCode::cannot_connect);
    return {code, fmt::format("cannot bind {} {}: {}: {}", flag, address.text(), error.text(),
                              advice(error.number))};
}

class Binder {
public:
    Binder(const Options& options, OpenSocket open) : options_(options), open_(open) {}

    /// With `patient` a port that somebody has may come free yet.
    std::expected<void, io::Error> bind(const Address& address, bool patient) {
        auto descriptor = open_(address, options_);
        for (auto waited = release_step; patient && waited <= release_max; waited += release_step) {
            if (descriptor || descriptor.error().number != EADDRINUSE) break;
            std::this_thread::sleep_for(release_step);
            descriptor = open_(address, options_);
        }
        if (!descriptor) return std::unexpected(descriptor.error());
        const auto bound = io::bound_address(*descriptor);
        sockets.push_back({*descriptor, bound ? *bound : address});
        return {};
    }

    std::expected<void, io::Error> bind_both_loopbacks(Address address) {
        const bool any_port = address.port == 0;
        for (int draw = 1;; ++draw) {
            if (auto bound = bind(address, !any_port); !bound) return bound;
            if (!io::has_ipv6_loopback()) {
                log(LogLevel::warning,
                    "ipv6_missing bound={} hint=\"no ::1 on this machine; IPv4 alone\"",
                    sockets.back().address.text());
                return {};
            }
            const auto bound = bind(ipv6_loopback(sockets.back().address.port), !any_port);
            const bool again = any_port && !bound && bound.error().number == EADDRINUSE;
            if (!again || draw == port_draws_max) return bound;
            close(sockets.back().descriptor);
            sockets.pop_back();
        }
    }

    void close_all() {
        for (const BoundSocket& socket : sockets)
            close(socket.descriptor);
        sockets.clear();
    }

    std::vector<BoundSocket> sockets;

private:
    const Options& options_;
    OpenSocket open_;
};

}  // namespace

std::expected<std::vector<BoundSocket>, StartError> bind_all(const std::vector<BindTarget>& targets,
                                                             const Options& options,
                                                             OpenSocket open,
                                                             std::string_view flag) {
    Binder binder(options, open);
    for (const BindTarget& target : targets) {
        const auto bound = target.both_loopbacks ? binder.bind_both_loopbacks(target.address)
                                                 : binder.bind(target.address, true);
        if (bound) continue;
        binder.close_all();
        return std::unexpected(bind_error(flag, target.address, bound.error()));
    }
    return std::move(binder.sockets);
}

}  // namespace chatd::server
