// Datagrams through the ring: the buffers of their own, what is told beside a payload, and sends
// that complete only when they failed.

#include <sys/socket.h>

#include <string>
#include <vector>

#include "chatd/io/ring.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/io/udp.hpp"
#include "support/catch.hpp"
#include "support/ring_fixture.hpp"

using namespace chatd;
using namespace chatd::io;
using namespace chatd::test;

namespace {

struct DatagramFixture : RingFixture {
    DatagramFixture() {
        server = opened();
        client = opened();
        const SocketAddress name = to_sockaddr(bound_address(server).value());
        REQUIRE(connect(client, name.get(), name.length) == 0);
        ring->receive_datagrams(server, datagrams);
        ring->submit();
    }
    int opened() {
        const auto descriptor = open_udp_socket(ipv4_loopback(0));
        if (!descriptor) FAIL(descriptor.error().text());
        held.push_back(*descriptor);
        return *descriptor;
    }
    void write(std::string_view payload) {
        REQUIRE(::send(client, payload.data(), payload.size(), 0) ==
                static_cast<ssize_t>(payload.size()));
    }
    /// The next datagram, the receive armed again if it ended.
    Ring::DatagramParts next(std::string& payload) {
        const auto completions = wait(1);
        REQUIRE(completions.size() == 1);
        REQUIRE(completions[0].has_buffer);
        const auto parts = ring->datagram_parts(completions[0]);
        payload = as_text(parts.payload);
        source = from_sockaddr(parts.name);
        ring->give_back_datagram_buffer(completions[0].buffer);
        if (!completions[0].more) {
            ++ended;
            ring->receive_datagrams(server, datagrams);
        }
        return parts;
    }

    static constexpr Operation datagrams{OperationKind::receive_datagrams, 0, 0};
    int server = -1;
    int client = -1;
    int ended = 0;
    Address source;
};

}  // namespace

TEST_CASE("a datagram comes with its source, whole or flagged as cut", "[io][ring]") {
    DatagramFixture fixture;
    std::string payload;
    fixture.write("hello");
    auto parts = fixture.next(payload);
    CHECK(parts.valid);
    CHECK_FALSE(parts.truncated);
    CHECK(payload == "hello");
    CHECK(fixture.source == bound_address(fixture.client).value());
    fixture.write(std::string(600, 'x'));  // more than a buffer of 512 bytes holds
    parts = fixture.next(payload);
    CHECK(parts.valid);
    CHECK(parts.truncated);
    CHECK(payload.size() < 512);
    fixture.write("after");
    parts = fixture.next(payload);
    CHECK_FALSE(parts.truncated);
    CHECK(payload == "after");
}

TEST_CASE("an empty datagram is a datagram, and the next one comes whatever it ended",
          "[io][ring]") {
    DatagramFixture fixture;
    std::string payload;
    for (int round = 0; round < 3; ++round) {
        fixture.write("");
        const auto parts = fixture.next(payload);
        CHECK(parts.valid);
        CHECK(payload.empty());
        CHECK(fixture.source == bound_address(fixture.client).value());
        fixture.write("after");
        fixture.next(payload);
        CHECK(payload == "after");
    }
}

TEST_CASE("pitfall 1: datagrams wait while their buffers are out, and streams do not care",
          "[io][ring]") {
    DatagramFixture fixture;
    for (int count = 0; count < 6; ++count)
        fixture.write(std::to_string(count));
    std::vector<Completion> held;
    bool ended = false;
    while (!ended) {
        const auto batch = fixture.wait(1);
        REQUIRE_FALSE(batch.empty());
        for (const Completion& completion : batch) {
            ended = ended || !completion.more;
            if (completion.has_buffer) held.push_back(completion);
        }
    }
    REQUIRE(held.size() == 4);
    fixture.ring->receive(0, receiving);
    write_all(fixture.peer, "a line");
    const auto line = fixture.wait(1);
    REQUIRE(line.size() == 1);
    CHECK(fixture.text_of(line[0]) == "a line");
    for (std::size_t count = 0; count < held.size(); ++count) {
        CHECK(as_text(fixture.ring->datagram_parts(held[count]).payload) == std::to_string(count));
        fixture.ring->give_back_datagram_buffer(held[count].buffer);
    }
    fixture.ring->receive_datagrams(fixture.server, DatagramFixture::datagrams);
    const auto rest = fixture.wait(2);
    REQUIRE(rest.size() == 2);
    CHECK(as_text(fixture.ring->datagram_parts(rest[0]).payload) == "4");
    CHECK(as_text(fixture.ring->datagram_parts(rest[1]).payload) == "5");
}

TEST_CASE("a datagram send that cannot be done completes, one that can is silent", "[io][ring]") {
    DatagramFixture fixture;
    OutMessage message;
    const Bytes part = as_bytes("relayed");
    message.fill(bound_address(fixture.client).value(), ipv4_loopback(0), {&part, 1}, 7);
    constexpr Operation out{OperationKind::send_datagrams, 0, 0};
    fixture.ring->send_datagrams(fixture.server, message.header(), out);
    fixture.ring->submit();
    CHECK(read_all(fixture.client, 7) == "relayed");
    CHECK(fixture.wait(1, 30ms).empty());
    // More than any datagram may hold.
    const std::string huge(70'000, 'x');
    const Bytes too_much = as_bytes(huge);
    message.fill(bound_address(fixture.client).value(), ipv4_loopback(0), {&too_much, 1}, 0);
    fixture.ring->send_datagrams(fixture.server, message.header(), out);
    const auto failed = fixture.wait(1);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].operation == out);
    CHECK(failed[0].result < 0);
}
