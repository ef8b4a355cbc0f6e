// Each pitfall of the ring that this floor answers for has a test that names it; those that need
// the whole (closing, fairness, pausing) are in server/stream_table_test.

#include "chatd/io/ring.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "chatd/io/listener.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/io/system_clock.hpp"
#include "chatd/io/udp.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::io;
using namespace std::chrono_literals;

namespace {

constexpr Operation receiving{OperationKind::receive, 0, 1};
constexpr Operation sending{OperationKind::send, 0, 1};
constexpr Operation cancelling{OperationKind::cancel, 0, 1};

RingOptions small() {
    RingOptions options;
    options.submission_entries = 16;
    options.completion_entries = 64;
    options.slots_max = 64;
    options.stream_buffers = 4;
    options.stream_buffer_bytes = 16;
    options.datagram_buffers = 4;
    options.datagram_buffer_bytes = 512;
    return options;
}

/// A ring, one end of a stream pair in slot 0, the other end in our hands.
struct Fixture {
    explicit Fixture(const RingOptions& options = small()) {
        auto made = Ring::create(options);
        if (!made) FAIL(made.error().text());
        ring = std::move(*made);
        peer = pair_into(0);
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;
    ~Fixture() {
        for (const int descriptor : held)
            close(descriptor);
    }

    /// Puts one end into the slot; the other is ours.
    int pair_into(std::uint32_t slot) {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        const auto installed = ring->install(slot, ends[0]);
        REQUIRE(installed);
        close(ends[0]);
        held.push_back(ends[1]);
        return ends[1];
    }
    void let_go(int descriptor) {
        std::erase(held, descriptor);
        close(descriptor);
    }

    /// Completions until `count` have come, or nothing more does.
    std::vector<Completion> wait(std::size_t count, Duration patience = 2s) {
        std::vector<Completion> all;
        const Time end = now() + patience;
        std::array<Completion, 64> batch;
        while (all.size() < count && now() < end) {
            ring->submit_and_wait(end - now());
            while (const std::size_t taken = ring->take_completions(batch)) {
                all.insert(all.end(), batch.begin(),
                           batch.begin() + static_cast<std::ptrdiff_t>(taken));
            }
        }
        return all;
    }
    std::string text_of(const Completion& completion) {
        const std::string text(as_text(ring->stream_bytes(completion)));
        ring->give_back_stream_buffer(completion.buffer);
        return text;
    }

    std::unique_ptr<Ring> ring;
    int peer = -1;
    std::vector<int> held;
};

void write_all(int descriptor, std::string_view text) {
    REQUIRE(::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
}

std::string read_all(int descriptor, std::size_t bytes) {
    std::string text(bytes, '?');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t got = recv(descriptor, text.data() + filled, bytes - filled, 0);
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

}  // namespace

TEST_CASE("what is written arrives, what is sent is read", "[io][ring]") {
    Fixture fixture;
    fixture.ring->receive(0, receiving);
    write_all(fixture.peer, "hello");
    const auto received = fixture.wait(1);
    REQUIRE(received.size() == 1);
    CHECK(received[0].operation == receiving);
    CHECK(received[0].result == 5);
    CHECK(received[0].more);
    CHECK(fixture.text_of(received[0]) == "hello");
    fixture.ring->send(0, as_bytes("world"), sending);
    const auto sent = fixture.wait(1);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].operation == sending);
    CHECK(sent[0].result == 5);
    CHECK(read_all(fixture.peer, 5) == "world");
    CHECK(fixture.ring->counters().completions == 2);
    CHECK(fixture.ring->counters().submissions == 2);
}

TEST_CASE("pitfall 1: want of buffers ends a receive, the data waits and comes after re-arming",
          "[io][ring]") {
    Fixture fixture;
    std::string text;
    while (text.size() < 200)
        text += std::to_string(text.size()) + " ";
    write_all(fixture.peer, text);
    std::string received;
    int exhausted = 0;
    while (received.size() < text.size()) {
        fixture.ring->receive(0, receiving);
        std::vector<Completion> held;
        while (true) {
            const auto batch = fixture.wait(1);
            REQUIRE_FALSE(batch.empty());
            bool ended = false;
            for (const Completion& completion : batch) {
                if (completion.result == -ENOBUFS) {
                    CHECK_FALSE(completion.more);
                    CHECK_FALSE(completion.has_buffer);
                    ++exhausted;
                } else {
                    REQUIRE(completion.result > 0);
                    held.push_back(completion);
                }
                ended = ended || !completion.more;
            }
            if (ended || received.size() + held.size() * 16 >= text.size()) break;
        }
        // Only now do the buffers go back: the group was empty until here.
        for (const Completion& completion : held)
            received += fixture.text_of(completion);
    }
    CHECK(received == text);
    CHECK(exhausted >= 2);
}

TEST_CASE("pitfall 2: a late completion of a slot's earlier owner carries its generation",
          "[io][ring]") {
    Fixture fixture;
    constexpr Operation first{OperationKind::receive, 0, 1};
    constexpr Operation second{OperationKind::receive, 0, 2};
    fixture.ring->receive(0, first);
    fixture.ring->submit();
    // The slot is given to another connection while the first receive still flies.
    const int next_peer = fixture.pair_into(0);
    fixture.ring->receive(0, second);
    fixture.ring->submit();
    write_all(fixture.peer, "old");
    write_all(next_peer, "new");
    const auto completions = fixture.wait(2);
    REQUIRE(completions.size() == 2);
    for (const Completion& completion : completions) {
        const bool late = completion.operation == first;
        CHECK(fixture.text_of(completion) == (late ? "old" : "new"));
    }
}

TEST_CASE("pitfall 2: closing a slot ends nothing that flies, shutting it down does",
          "[io][ring]") {
    Fixture fixture;
    fixture.ring->receive(0, receiving);
    fixture.ring->submit();
    fixture.ring->close(0, {OperationKind::close, 0, 1});
    const auto closed = fixture.wait(1);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].operation.kind == OperationKind::close);
    CHECK(closed[0].result == 0);
    write_all(fixture.peer, "still read");
    const auto late = fixture.wait(1);
    REQUIRE(late.size() == 1);
    CHECK(fixture.text_of(late[0]) == "still read");

    const int other = fixture.pair_into(1);
    fixture.ring->receive(1, {OperationKind::receive, 1, 1});
    fixture.ring->submit();
    fixture.ring->shutdown(1, SHUT_RDWR, {OperationKind::shutdown, 1, 1});
    for (const Completion& completion : fixture.wait(2)) {
        CHECK(completion.result == 0);
        CHECK_FALSE(completion.more);
    }
    CHECK(read_all(other, 1).empty());
}

TEST_CASE("pitfall 3: a cancelled receive says so, and so does the cancellation", "[io][ring]") {
    Fixture fixture;
    fixture.ring->receive(0, receiving);
    fixture.ring->submit();
    fixture.ring->cancel(receiving, cancelling);
    const auto completions = fixture.wait(2);
    REQUIRE(completions.size() == 2);
    for (const Completion& completion : completions) {
        CHECK(completion.result == (completion.operation == receiving ? -ECANCELED : 0));
        CHECK_FALSE(completion.more);
    }
    fixture.ring->cancel(receiving, cancelling);
    const auto nothing = fixture.wait(1);
    REQUIRE(nothing.size() == 1);
    CHECK(nothing[0].result == -ENOENT);
}

TEST_CASE("pitfall 3: a cancelled send that had sent part gives the count", "[io][ring]") {
    Fixture fixture;
    const std::string large(8 << 20, 'x');
    fixture.ring->send(0, as_bytes(large), sending);
    CHECK(fixture.wait(1, 50ms).empty());  // MSG_WAITALL: it waits for the reader
    fixture.ring->cancel(sending, cancelling);
    const auto completions = fixture.wait(2);
    REQUIRE(completions.size() == 2);
    std::int32_t sent = 0;
    for (const Completion& completion : completions) {
        if (completion.operation == sending) sent = completion.result;
    }
    CHECK(sent > 0);
    CHECK(static_cast<std::size_t>(sent) < large.size());
    CHECK(read_all(fixture.peer, static_cast<std::size_t>(sent)).size() ==
          static_cast<std::size_t>(sent));
    CHECK(recv(fixture.peer, nullptr, 0, MSG_DONTWAIT) <= 0);
}

TEST_CASE("pitfall 10: a send waits for its whole, however slowly it is read", "[io][ring]") {
    Fixture fixture;
    std::string large;
    while (large.size() < (2 << 20))
        large += std::to_string(large.size()) + ' ';
    std::string read;
    std::thread reader([&] { read = read_all(fixture.peer, large.size()); });
    fixture.ring->send(0, as_bytes(large), sending);
    const auto sent = fixture.wait(1, 5s);
    if (sent.empty() || sent[0].result != static_cast<std::int32_t>(large.size())) {
        shutdown(fixture.peer, SHUT_RDWR);
    }
    reader.join();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].result == static_cast<std::int32_t>(large.size()));
    CHECK(read == large);
}

TEST_CASE("pitfall 4: after the peer's FIN sends still work, after its close they fail quietly",
          "[io][ring]") {
    Fixture fixture;
    fixture.ring->receive(0, receiving);
    REQUIRE(shutdown(fixture.peer, SHUT_WR) == 0);
    const auto ended = fixture.wait(1);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].result == 0);
    CHECK_FALSE(ended[0].more);
    fixture.ring->send(0, as_bytes("bye"), sending);
    REQUIRE(fixture.wait(1).size() == 1);
    CHECK(read_all(fixture.peer, 3) == "bye");
    fixture.let_go(fixture.peer);
    // MSG_NOSIGNAL: without it this would end the test with SIGPIPE.
    fixture.ring->send(0, as_bytes("gone"), sending);
    const auto failed = fixture.wait(1);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].result == -EPIPE);
}

TEST_CASE("pitfall 5: an overflown completion queue loses nothing and is counted", "[io][ring]") {
    RingOptions options = small();
    options.submission_entries = 4;
    options.completion_entries = 4;
    Fixture fixture(options);
    constexpr std::uint32_t count = 48;
    for (std::uint32_t slot = 1; slot <= count; ++slot) {
        const int peer = fixture.pair_into(slot);
        fixture.ring->receive(slot, {OperationKind::receive, slot, 1});
        REQUIRE(shutdown(peer, SHUT_WR) == 0);  // completes without needing a buffer
    }
    std::set<std::uint32_t> seen;
    for (const Completion& completion : fixture.wait(count)) {
        CHECK(completion.result == 0);
        CHECK(seen.insert(completion.operation.index).second);
    }
    CHECK(seen.size() == count);
    CHECK(fixture.ring->counters().overflows > 0);
}

TEST_CASE("pitfall 6: accept yields an ordinary descriptor that knows its peer", "[io][ring]") {
    Fixture fixture;
    const auto listener = open_listener(ipv4_loopback(0), {});
    REQUIRE(listener);
    fixture.held.push_back(*listener);
    const SocketAddress name = to_sockaddr(bound_address(*listener).value());
    constexpr Operation accepting{OperationKind::accept, 3, 0};
    fixture.ring->accept(*listener, accepting);
    fixture.ring->submit();
    for (int count = 0; count < 3; ++count) {
        const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        fixture.held.push_back(client);
        REQUIRE(connect(client, name.get(), name.length) == 0);
        const auto accepted = fixture.wait(1);
        REQUIRE(accepted.size() == 1);
        CHECK(accepted[0].operation == accepting);
        CHECK(accepted[0].more);
        REQUIRE(accepted[0].result >= 0);
        fixture.held.push_back(accepted[0].result);
        CHECK(peer_address(accepted[0].result).value() == bound_address(client).value());
        CHECK((fcntl(accepted[0].result, F_GETFD) & FD_CLOEXEC) != 0);
        CHECK((fcntl(accepted[0].result, F_GETFL) & O_NONBLOCK) == 0);
    }
}

TEST_CASE("pitfall 11: completions appear only within submit_and_wait", "[io][ring]") {
    Fixture fixture;
    fixture.ring->receive(0, receiving);
    fixture.ring->submit();
    write_all(fixture.peer, "hello");
    std::array<Completion, 4> batch;
    CHECK(fixture.ring->take_completions(batch) == 0);
    fixture.ring->submit_and_wait(0s);
    REQUIRE(fixture.ring->take_completions(batch) == 1);
    CHECK(fixture.text_of(batch[0]) == "hello");
}

TEST_CASE("pitfall 13: what is larger than a buffer comes in several, in order", "[io][ring]") {
    Fixture fixture;
    const std::string text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    fixture.ring->receive(0, receiving);
    write_all(fixture.peer, text);
    std::string received;
    for (const Completion& completion : fixture.wait(3))
        received += fixture.text_of(completion);
    CHECK(received == text);
}

TEST_CASE("pitfall 14: a full submission queue is submitted, nothing is lost", "[io][ring]") {
    RingOptions options = small();
    options.submission_entries = 4;
    Fixture fixture(options);
    std::string expected;
    std::vector<std::string> lines;
    for (int count = 0; count < 40; ++count)
        lines.push_back(std::to_string(count) + "\n");
    for (const std::string& line : lines) {
        fixture.ring->send(0, as_bytes(line), sending);
        expected += line;
    }
    CHECK(fixture.wait(lines.size()).size() == lines.size());
    CHECK(fixture.ring->counters().submission_full >= 9);
    CHECK(read_all(fixture.peer, expected.size()) == expected);
}

TEST_CASE("a wait ends at its time without a completion", "[io][ring]") {
    Fixture fixture;
    const Time before = now();
    fixture.ring->submit_and_wait(30ms);
    CHECK(now() - before >= 29ms);
    std::array<Completion, 4> batch;
    CHECK(fixture.ring->take_completions(batch) == 0);
    fixture.ring->submit_and_wait(-5s);  // a deadline already past
    CHECK(now() - before < 2s);
}

TEST_CASE("pitfall 14: a signal interrupts a wait and breaks nothing", "[io][ring]") {
    Fixture fixture;
    struct sigaction action{};
    action.sa_handler = [](int) {};
    struct sigaction previous{};
    REQUIRE(sigaction(SIGALRM, &action, &previous) == 0);
    itimerval soon{};
    soon.it_value.tv_usec = 20'000;
    REQUIRE(setitimer(ITIMER_REAL, &soon, nullptr) == 0);
    const Time before = now();
    fixture.ring->receive(0, receiving);
    fixture.ring->submit_and_wait(5s);
    CHECK(now() - before < 4s);
    REQUIRE(sigaction(SIGALRM, &previous, nullptr) == 0);
    write_all(fixture.peer, "after");
    const auto received = fixture.wait(1);
    REQUIRE(received.size() == 1);
    CHECK(fixture.text_of(received[0]) == "after");
}

TEST_CASE("a descriptor can be read, as the signal descriptor is", "[io][ring]") {
    Fixture fixture;
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    fixture.held.insert(fixture.held.end(), ends.begin(), ends.end());
    std::array<std::byte, 8> target{};
    constexpr Operation reading{OperationKind::signal, 0, 0};
    fixture.ring->read(ends[0], target, reading);
    REQUIRE(write(ends[1], "12345678", 8) == 8);
    const auto completions = fixture.wait(1);
    REQUIRE(completions.size() == 1);
    CHECK(completions[0].operation == reading);
    CHECK(completions[0].result == 8);
    CHECK(as_text(target) == "12345678");
}

TEST_CASE("a slot can be asked for as an ordinary descriptor where the kernel can", "[io][ring]") {
    Fixture fixture;
    RingOptions masked = small();
    masked.mask_features = true;
    CHECK_FALSE(Fixture(masked).ring->can_install_ordinary());
    if (!fixture.ring->can_install_ordinary()) return;
    fixture.ring->install_ordinary(0, {OperationKind::unsent, 0, 1});
    const auto completions = fixture.wait(1);
    REQUIRE(completions.size() == 1);
    REQUIRE(completions[0].result >= 0);
    fixture.held.push_back(completions[0].result);
    write_all(completions[0].result, "same socket");
    CHECK(read_all(fixture.peer, 11) == "same socket");
}

TEST_CASE("a ring that cannot be made says what to do", "[io][ring]") {
    RingOptions options = small();
    options.slots_max = 1U << 30;  // past any limit of open files
    const auto ring = Ring::create(options);
    REQUIRE_FALSE(ring);
    CHECK(ring.error().number != 0);
    CHECK(ring.error().text().size() > 20);
}

// -- datagrams -------------------------------------------------------------------------------

namespace {

struct DatagramFixture : Fixture {
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
