#pragma once
// A small ring with one end of a stream pair in slot 0, for the tests of io. Everything is closed
// with the fixture; no wait is longer than its patience.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/io/ring.hpp"
#include "chatd/io/system_clock.hpp"
#include "support/catch.hpp"

namespace chatd::test {

using namespace std::chrono_literals;

inline constexpr io::Operation receiving{io::OperationKind::receive, 0, 1};
inline constexpr io::Operation sending{io::OperationKind::send, 0, 1};
inline constexpr io::Operation cancelling{io::OperationKind::cancel, 0, 1};

inline io::RingOptions small_ring() {
    io::RingOptions options;
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
struct RingFixture {
    explicit RingFixture(const io::RingOptions& options = small_ring()) {
        auto made = io::Ring::create(options);
        if (!made) FAIL(made.error().text());
        ring = std::move(*made);
        peer = pair_into(0);
    }
    RingFixture(const RingFixture&) = delete;
    RingFixture& operator=(const RingFixture&) = delete;
    ~RingFixture() {
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
    std::vector<io::Completion> wait(std::size_t count, Duration patience = 2s) {
        std::vector<io::Completion> all;
        const Time end = io::now() + patience;
        std::array<io::Completion, 64> batch;
        while (all.size() < count && io::now() < end) {
            ring->submit_and_wait(end - io::now());
            while (const std::size_t taken = ring->take_completions(batch)) {
                all.insert(all.end(), batch.begin(),
                           batch.begin() + static_cast<std::ptrdiff_t>(taken));
            }
        }
        return all;
    }
    std::string text_of(const io::Completion& completion) {
        const std::string text(as_text(ring->stream_bytes(completion)));
        ring->give_back_stream_buffer(completion.buffer);
        return text;
    }

    std::unique_ptr<io::Ring> ring;
    int peer = -1;
    std::vector<int> held;
};

inline void write_all(int descriptor, std::string_view text) {
    REQUIRE(::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
}

inline std::string read_all(int descriptor, std::size_t bytes) {
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

}  // namespace chatd::test
