#include "link.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using terminal::Link;

namespace {

// A Link and its peer's end.
struct Pair {
    Pair() {
        int pair[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        link.emplace(client::Socket(pair[0]));
        peer = client::Socket(pair[1]);
    }

    std::string hear() {
        char buffer[4096];
        const ssize_t count = ::recv(peer.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
        return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
    }
    void say(std::string_view text) {
        REQUIRE(::send(peer.fd(), text.data(), text.size(), 0) ==
                static_cast<ssize_t>(text.size()));
    }
    bool receive() {
        return link->receive([this](std::string_view line) { lines.emplace_back(line); });
    }

    std::optional<Link> link;
    client::Socket peer;
    std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines go both ways", "[terminal][link]") {
    Pair pair;
    pair.link->send("hello\n");
    CHECK(pair.hear() == "hello\n");
    pair.say("one\ntw");
    CHECK(pair.receive());
    CHECK(pair.lines == Lines{"one"});
    pair.say("o\n");
    CHECK(pair.receive());
    CHECK(pair.lines == Lines{"one", "two"});
    CHECK_FALSE(pair.receive());
    CHECK(pair.link->state() == Link::State::open);
    CHECK(pair.link->poll_events() == POLLIN);
}

TEST_CASE("a peer that takes nothing fills the link up to its bound", "[terminal][link]") {
    Pair pair;
    const std::string block(4096, 'x');
    std::size_t sent = 0;
    while (pair.link->room_bytes() >= block.size()) {
        pair.link->send(block);
        sent += block.size();
        REQUIRE(sent < 64 * 1024 * 1024);
    }
    CHECK(pair.link->unsent());
    CHECK(pair.link->poll_events() == (POLLIN | POLLOUT));
    pair.link->finish_input();
    std::size_t heard = 0;
    while (pair.link->unsent()) {
        heard += pair.hear().size();
        pair.link->flush();
    }
    for (std::string piece = pair.hear(); !piece.empty(); piece = pair.hear())
        heard += piece.size();
    CHECK(heard == sent);
    char byte;
    CHECK(::recv(pair.peer.fd(), &byte, 1, MSG_DONTWAIT) == 0);  // the FIN follows the last byte
}

TEST_CASE("after the half-close lines still come, until the end", "[terminal][link]") {
    Pair pair;
    pair.link->send("bye");
    pair.link->finish_input();
    CHECK(pair.link->input_finished());
    CHECK(pair.link->room_bytes() == 0);
    pair.link->send("ignored");
    CHECK(pair.hear() == "bye");
    pair.say("see you\nunfinished");
    CHECK(pair.receive());
    pair.peer.close();
    CHECK_FALSE(pair.receive());
    CHECK(pair.lines == Lines{"see you", "unfinished"});
    CHECK(pair.link->state() == Link::State::ended);
    CHECK_FALSE(pair.link->lost());
    CHECK(pair.link->poll_events() == 0);
}

TEST_CASE("what a closed server did not take is known to be lost", "[terminal][link]") {
    Pair pair;
    pair.say("last words\n");
    pair.peer.close();
    pair.link->send("too late\n");
    CHECK(pair.link->lost());
    CHECK(pair.link->room_bytes() == 0);
    CHECK(pair.link->state() == Link::State::open);  // there is still something to be read
    CHECK(pair.receive());
    CHECK(pair.lines == Lines{"last words"});
    CHECK_FALSE(pair.receive());
    CHECK(pair.link->state() != Link::State::open);
}

TEST_CASE("a broken connection keeps its reason", "[terminal][link]") {
    Link link{client::Socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    CHECK_FALSE(link.receive([](std::string_view) {}));
    CHECK(link.state() == Link::State::failed);
    CHECK(link.error() == EINVAL);
}
