#include "chatd/client/dialling.hpp"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "resolving.hpp"

namespace chatd::client {

namespace {

Socket open_socket(const Endpoint& endpoint) noexcept {
    return Socket(
        ::socket(endpoint.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Who dials a local port that nobody listens at may be given that very port as its own, and then
// meets itself (simultaneous open, RFC 9293 section 3.5): nobody is there.
bool met_itself(int fd) noexcept {
    Endpoint own;
    Endpoint peer;
    own.length = peer.length = sizeof own.storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own.storage), &own.length) != 0)
        return false;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer.storage), &peer.length) != 0)
        return false;
    return own == peer;
}

// fe80::/10 means something on one link only, RFC 4007 section 6.
bool misses_zone(const Endpoint& endpoint) noexcept {
    if (endpoint.get()->sa_family != AF_INET6) return false;
    sockaddr_in6 address;
    std::memcpy(&address, &endpoint.storage, sizeof address);
    return IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) && address.sin6_scope_id == 0;
}

std::string failure_text(const Endpoint& endpoint, int error) {
    if (error == EINVAL && misses_zone(endpoint)) {
        return fmt::format("{0} needs its interface, as in {0}%eth0", endpoint.ip_text());
    }
    return fmt::format("{} {}", endpoint.ip_text(), error_text(error));
}

// Why all of them failed, and what to try.
DialError all_failed(std::string_view name, std::span<const Endpoint> endpoints,
                     const DialPlan& plan) {
    std::string failures;
    bool all_silent = true;
    bool refused_here = false;
    bool refused = false;
    for (std::size_t address = 0; address < endpoints.size(); ++address) {
        const Endpoint& endpoint = endpoints[address];
        const int error = plan.error_of(address);
        all_silent = all_silent && error == ETIMEDOUT;
        refused = refused || error == ECONNREFUSED;
        refused_here = refused_here || (error == ECONNREFUSED && endpoint.is_loopback());
        if (!failures.empty()) failures += "; ";
        failures += failure_text(endpoint, error);
    }
    std::string message = fmt::format("{}: {}.", name, failures);
    if (refused) message += fmt::format(" {}", start_hint(refused_here));
    return {all_silent ? DialError::Reason::timed_out : DialError::Reason::unreachable,
            std::move(message)};
}

}  // namespace

Dialling::Dialling(const Target& target, const DialOptions& options)
    : name_(target.text()), options_(options), resolving_(std::make_unique<Resolving>(target)) {}

Dialling::Dialling(std::vector<Endpoint> endpoints, std::string name, const DialOptions& options)
    : name_(std::move(name)), options_(options) {
    begin(std::move(endpoints));
}

Dialling::Dialling(Dialling&&) noexcept = default;
Dialling& Dialling::operator=(Dialling&&) noexcept = default;
Dialling::~Dialling() = default;

void Dialling::begin(std::vector<Endpoint> endpoints) {
    endpoints_ = options_.strategy == DialStrategy::eyeballs ? interleave_families(endpoints)
                                                             : std::move(endpoints);
    plan_ = DialPlan(endpoints_.size(), options_);
}

Time Dialling::deadline() const noexcept {
    if (state_ != State::dialling) return time_never;
    if (!stepped_) return Time::min();
    return resolving_ ? resolve_deadline_ : plan_.deadline();
}

void Dialling::step(Time now) {
    if (state_ != State::dialling) return;
    if (!stepped_ && resolving_) resolve_deadline_ = now + options_.resolve_timeout;
    stepped_ = true;
    if (!resolving_ || resolved(now)) {
        take_results();
        while (const auto address = plan_.expire_next(now))
            forget(*address);
        while (state_ == State::dialling) {
            const auto address = plan_.start_next(now);
            if (!address) break;
            start(*address);
        }
        if (state_ == State::dialling && plan_.exhausted()) {
            lost(all_failed(name_, endpoints_, plan_));
        }
    }
    gather_polled();
}

// True once there are addresses to try.
bool Dialling::resolved(Time now) {
    auto result = resolving_->take();
    if (!result) {
        if (now >= resolve_deadline_) {
            lost({DialError::Reason::timed_out,
                  fmt::format("{}: the name server does not answer; try again later.", name_)});
        }
        return false;
    }
    if (!*result) {
        lost(std::move(result->error()));
        return false;
    }
    resolving_.reset();
    begin(std::move(**result));
    return true;
}

// What poll() has to say about each attempt, asked here so that the owner need not tell.
void Dialling::take_results() {
    std::vector<pollfd> polled;
    polled.reserve(attempts_.size());
    for (const Attempt& attempt : attempts_)
        polled.push_back({attempt.socket.fd(), POLLOUT, 0});
    if (polled.empty() || ::poll(polled.data(), polled.size(), 0) <= 0) return;
    for (const pollfd& one : polled) {
        if (one.revents == 0) continue;
        const auto attempt = std::find_if(attempts_.begin(), attempts_.end(), [&](const auto& own) {
            return own.socket.fd() == one.fd;
        });
        int error = 0;
        socklen_t length = sizeof error;
        if (::getsockopt(one.fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
        if (error == 0 && met_itself(one.fd)) error = ECONNREFUSED;
        if (error == 0) return won(std::move(attempt->socket));
        plan_.failed(attempt->address, error);
        attempts_.erase(attempt);
    }
}

void Dialling::start(std::size_t address) {
    const Endpoint& endpoint = endpoints_[address];
    Socket socket = open_socket(endpoint);
    if (!socket) return plan_.failed(address, errno);
    if (::connect(socket.fd(), endpoint.get(), endpoint.length) == 0) {
        if (met_itself(socket.fd())) return plan_.failed(address, ECONNREFUSED);
        return won(std::move(socket));
    }
    if (errno != EINPROGRESS) return plan_.failed(address, errno);
    attempts_.push_back({address, std::move(socket)});
}

void Dialling::forget(std::size_t address) {
    std::erase_if(attempts_, [&](const Attempt& one) { return one.address == address; });
}

void Dialling::won(Socket socket) {
    // A line typed or a line of load leaves at once; batching is the caller's business.
    const int on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    won_ = std::move(socket);
    state_ = State::connected;
    attempts_.clear();
}

void Dialling::lost(DialError error) {
    error_ = std::move(error);
    state_ = State::failed;
    resolving_.reset();
    attempts_.clear();
}

void Dialling::gather_polled() {
    polled_.clear();
    if (resolving_) polled_.push_back({resolving_->fd(), POLLIN, 0});
    for (const Attempt& attempt : attempts_)
        polled_.push_back({attempt.socket.fd(), POLLOUT, 0});
}

}  // namespace chatd::client
