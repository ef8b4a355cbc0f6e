#include "server/bind.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "chatd/io/listener.hpp"
#include "chatd/io/socket_address.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::server;

namespace {

std::expected<int, io::Error> open_tcp(const Address& address, const Options&) {
    return io::open_listener(address, {});
}

BindTarget target(std::string_view text) {
    const auto parsed = parse_bind_target(text);
    REQUIRE(parsed);
    return *parsed;
}

void close_all(const std::vector<BoundSocket>& sockets) {
    for (const BoundSocket& socket : sockets)
        close(socket.descriptor);
}

std::vector<BoundSocket> bound(const std::vector<BindTarget>& targets) {
    auto sockets = bind_all(targets, {}, open_tcp, "--tcp");
    if (!sockets) FAIL(sockets.error().text);
    return *sockets;
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for (int descriptor = 0; descriptor < 256; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) >= 0) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("port 0 picks one number for both loopbacks and says it", "[server][bind]") {
    for (int round = 0; round < 20; ++round) {
        const auto sockets = bound({target("0")});
        REQUIRE(sockets.size() == (io::has_ipv6_loopback() ? 2U : 1U));
        CHECK(sockets[0].address.port != 0);
        CHECK(sockets[0].address.ip_text() == "127.0.0.1");
        if (sockets.size() == 2) {
            CHECK(sockets[1].address.ip_text() == "::1");
            CHECK(sockets[1].address.port == sockets[0].address.port);
        }
        close_all(sockets);
    }
}

TEST_CASE("an address with a port is bound alone", "[server][bind]") {
    const auto sockets = bound({target("127.0.0.1:0"), target("127.0.0.2:0")});
    REQUIRE(sockets.size() == 2);
    CHECK(sockets[0].address.ip_text() == "127.0.0.1");
    CHECK(sockets[1].address.ip_text() == "127.0.0.2");
    for (const BoundSocket& socket : sockets) {
        CHECK(io::bound_address(socket.descriptor).value() == socket.address);
    }
    close_all(sockets);
}

TEST_CASE("a port that comes free in a moment is waited for", "[server][bind]") {
    const auto held = bound({target("127.0.0.1:0")});
    std::jthread release([&held] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        close_all(held);
    });
    const auto sockets = bound({target(held[0].address.text())});
    REQUIRE(sockets.size() == 1);
    CHECK(sockets[0].address == held[0].address);
    close_all(sockets);
}

TEST_CASE("a port in use is one line that names flag, address and what to do", "[server][bind]") {
    const auto held = bound({target("127.0.0.1:0")});
    const auto second = bind_all({target(held[0].address.text())}, {}, open_tcp, "--tcp");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == 69);
    CHECK(second.error().text ==
          "cannot bind --tcp " + held[0].address.text() +
              ": bind: Address already in use: another program has it; choose "
              "another port, or 0 to pick one");
    close_all(held);
}

TEST_CASE("nothing stays bound when one target fails", "[server][bind]") {
    const std::size_t before = open_descriptors();
    const auto refused = bind_all({target("0"), target("127.0.0.1:0"), target("192.0.2.1:0")}, {},
                                  open_tcp, "--tcp");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == 69);
    CHECK(refused.error().text.find("this machine has no such address") != std::string::npos);
    CHECK(open_descriptors() == before);
}

TEST_CASE("a port that is not permitted ends with 77", "[server][bind]") {
    const auto refused = bind_all(
        {target("127.0.0.1:80")}, {},
        [](const Address&, const Options&) -> std::expected<int, io::Error> {
            return std::unexpected(io::Error{EACCES, "bind"});
        },
        "--tcp");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == 77);
    CHECK(refused.error().text.find("ports below 1024 need root") != std::string::npos);
}

TEST_CASE("one number for both loopbacks is drawn again when the other has it", "[server][bind]") {
    if (!io::has_ipv6_loopback()) return;
    // The first draws meet a number that is taken on ::1.
    static int calls;
    static int closed_draws;
    calls = 0;
    closed_draws = 0;
    const auto sockets = bind_all(
        {target("0")}, {},
        [](const Address& address, const Options&) -> std::expected<int, io::Error> {
            ++calls;
            if (address.family == Address::Family::ipv6 && ++closed_draws <= 3) {
                return std::unexpected(io::Error{EADDRINUSE, "bind"});
            }
            return io::open_listener(address, {});
        },
        "--tcp");
    REQUIRE(sockets);
    CHECK(sockets->size() == 2);
    CHECK(calls == 8);
    close_all(*sockets);
}
