// Whole runs against a small server in this process that fans lines out, and errs on demand: what
// chatload is for is to notice.

#include "load/run.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "chatd/client/socket.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

using client::Socket;

/// What becomes of one line for the first listener: the bytes to send instead.
using Fault = std::function<std::string(const std::string& line, std::uint64_t number)>;

/// Accepts `listeners` and then one publisher, and sends every line to every listener. The first
/// listener's copies pass through `fault`. Ends when the publisher does.
class FanOut {
public:
    FanOut(unsigned listeners, Fault fault) : listeners_(listeners), fault_(std::move(fault)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        door_ = Socket(::socket(AF_INET, SOCK_STREAM, 0));
        REQUIRE(::bind(door_.fd(), reinterpret_cast<sockaddr*>(&address), length) == 0);
        REQUIRE(::listen(door_.fd(), 128) == 0);
        ::getsockname(door_.fd(), reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~FanOut() {
        ::shutdown(door_.fd(), SHUT_RDWR);
        thread_.join();
    }
    std::uint16_t port() const { return port_; }

private:
    void serve() {
        std::vector<Socket> sockets;
        while (sockets.size() <= listeners_) {
            sockets.emplace_back(::accept(door_.fd(), nullptr, nullptr));
            if (!sockets.back()) return;
        }
        std::string pending;
        std::uint64_t number = 0;
        char buffer[65536];
        for (ssize_t got; (got = ::recv(sockets.back().fd(), buffer, sizeof buffer, 0)) > 0;) {
            pending.append(buffer, static_cast<std::size_t>(got));
            for (std::size_t end; (end = pending.find('\n')) != std::string::npos; ++number) {
                const std::string line = pending.substr(0, end + 1);
                pending.erase(0, end + 1);
                send(sockets[0], fault_ ? fault_(line, number) : line);
                for (unsigned index = 1; index < listeners_; ++index)
                    send(sockets[index], line);
            }
        }
    }
    static void send(const Socket& socket, const std::string& bytes) {
        ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    unsigned listeners_;
    Fault fault_;
    Socket door_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

Options options_for(std::uint16_t port) {
    Options options;
    options.protocol = Protocol::floor;
    options.target = {.host = "127.0.0.1", .port = port};
    options.listeners = 5;
    options.window = 8;
    options.count = 400;
    options.seconds = 20;
    options.warmup_seconds = 0;
    options.stall_seconds = 0.3;
    return options;
}

Report report_of(const Fault& fault, const std::function<void(Options&)>& change = {}) {
    Options options = options_for(0);
    if (change) change(options);
    FanOut server(options.listeners, fault);
    options.target.port = server.port();
    const auto report = run(options);
    if (!report) FAIL(report.error());
    return *report;
}

}  // namespace

TEST_CASE("a good server passes", "[load][run]") {
    const Report report = report_of({});
    CHECK(report.passed());
    CHECK(report.published == 400);
    CHECK(report.expected == 2000);
    CHECK(report.tally.received == 2000);
    CHECK(report.latency.count() == 2000);
    CHECK(report.deliveries_per_second() > 0);
    // "<u6> ", the body, LF
    CHECK(report.bytes_per_delivery() == 5 + 64 + 1);
}

TEST_CASE("an open loop keeps its rate and a warm-up is not counted", "[load][run]") {
    const Report report = report_of({}, [](Options& options) {
        options.rate = 2000;
        options.warmup_seconds = 0.1;
    });
    CHECK(report.passed());
    CHECK(report.published == 400);
    CHECK(report.tally.received == 2000);
    CHECK(report.seconds() > 0.19);
}

TEST_CASE("one lost line of 2,000 is told", "[load][run]") {
    const Report report = report_of(
        [](const std::string& line, std::uint64_t number) { return number == 399 ? "" : line; });
    CHECK_FALSE(report.passed());
    CHECK(report.tally.lost == 1);
    CHECK(report.stalled);
}

TEST_CASE("a line lost in the middle is told without stalling", "[load][run]") {
    const Report report = report_of(
        [](const std::string& line, std::uint64_t number) { return number == 100 ? "" : line; });
    CHECK_FALSE(report.passed());
    CHECK(report.tally.lost == 1);
    CHECK_FALSE(report.stalled);
}

TEST_CASE("swapped, doubled and damaged lines are told apart", "[load][run]") {
    std::string held;
    const Report swapped = report_of([&](const std::string& line, std::uint64_t number) {
        if (number == 10) held = line;
        return number == 10 ? "" : number == 11 ? line + held : line;
    });
    CHECK(swapped.tally.late == 1);
    CHECK(swapped.tally.lost == 0);

    const Report doubled = report_of([](const std::string& line, std::uint64_t number) {
        return number == 10 ? line + line : line;
    });
    CHECK(doubled.tally.duplicates == 1);

    const Report damaged = report_of([](const std::string& line, std::uint64_t number) {
        return number == 10 ? line.substr(0, line.size() - 2) + "\n" : line;
    });
    CHECK(damaged.tally.damaged == 1);
    for (const Report* report : {&swapped, &doubled, &damaged})
        CHECK_FALSE(report->passed());
}

TEST_CASE("a server that is not there is said so", "[load][run]") {
    Socket taken(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(taken.fd(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    ::getsockname(taken.fd(), reinterpret_cast<sockaddr*>(&address), &length);
    // Bound, not listening: refused.
    CHECK_FALSE(run(options_for(ntohs(address.sin_port))));
}

TEST_CASE("idle connections are held and measured", "[load][run]") {
    FanOut server(3, {});
    Options options = options_for(server.port());
    options.idle = 4;
    options.seconds = 0.2;
    options.server_pid = ::getpid();
    const auto report = run(options);
    REQUIRE(report);
    CHECK(report->passed());
    CHECK(report->end.server_rss_bytes > 0);
    CHECK(report->end.server_cpu_ns > 0);
}
