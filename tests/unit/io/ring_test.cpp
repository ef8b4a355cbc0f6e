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
#include "support/catch.hpp"
#include "support/ring_fixture.hpp"

using namespace chatd;
using namespace chatd::io;
using namespace chatd::test;

TEST_CASE("what is written arrives, what is sent is read", "[io][ring]") {
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingOptions options = small_ring();
    options.submission_entries = 4;
    options.completion_entries = 4;
    RingFixture fixture(options);
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
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
    const std::string text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    fixture.ring->receive(0, receiving);
    write_all(fixture.peer, text);
    std::string received;
    for (const Completion& completion : fixture.wait(3))
        received += fixture.text_of(completion);
    CHECK(received == text);
}

TEST_CASE("pitfall 14: a full submission queue is submitted, nothing is lost", "[io][ring]") {
    RingOptions options = small_ring();
    options.submission_entries = 4;
    RingFixture fixture(options);
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
    RingFixture fixture;
    const Time before = now();
    fixture.ring->submit_and_wait(30ms);
    CHECK(now() - before >= 29ms);
    std::array<Completion, 4> batch;
    CHECK(fixture.ring->take_completions(batch) == 0);
    fixture.ring->submit_and_wait(-5s);  // a deadline already past
    CHECK(now() - before < 2s);
}

TEST_CASE("pitfall 14: a signal interrupts a wait and breaks nothing", "[io][ring]") {
    RingFixture fixture;
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
    RingFixture fixture;
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
    RingFixture fixture;
    RingOptions masked = small_ring();
    masked.mask_features = true;
    CHECK_FALSE(RingFixture(masked).ring->can_install_ordinary());
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
    RingOptions options = small_ring();
    options.slots_max = 1U << 30;  // past any limit of open files
    const auto ring = Ring::create(options);
    REQUIRE_FALSE(ring);
    CHECK(ring.error().number != 0);
    CHECK(ring.error().text().size() > 20);
}
