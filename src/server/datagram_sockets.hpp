#pragma once
// The UDP sockets of the server: multishot receives from their own buffer group, and the turn's
// trains out. Payloads lie in receive buffers until the turn's trains have left; only then are the
// buffers given back, so the group's size bounds what one turn takes in.

#include <cstdint>
#include <memory>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/io/ring.hpp"
#include "chatd/io/udp.hpp"

namespace chatd::server {

class DatagramSockets {
public:
    DatagramSockets(io::Ring& ring, engine::Engine& engine);
    DatagramSockets(const DatagramSockets&) = delete;
    DatagramSockets& operator=(const DatagramSockets&) = delete;
    ~DatagramSockets();

    /// Takes over a bound socket and arms it.
    void add(int descriptor);

    void received(const io::Completion& completion, Time now) noexcept;
    void send_failed(const io::Completion& completion) noexcept;
    /// Sends the turn's trains, gives the buffers back and arms again what ended.
    void turn_ended(Time now) noexcept;
    /// No more are received.
    void stop() noexcept;

    std::uint64_t buffers_exhausted() const noexcept { return buffers_exhausted_; }
    std::uint64_t kernel_drops() const noexcept;

private:
    struct Socket {
        int descriptor = -1;
        bool armed = false;
        std::uint32_t kernel_drops = 0;
    };
    /// What a failed send was, for the completion that tells of it in the next turn.
    struct Sent {
        Address to;
        std::size_t datagram_count = 0;
    };

    void arm(std::size_t index) noexcept;
    void send(std::span<const engine::Train> trains) noexcept;

    io::Ring& ring_;
    engine::Engine& engine_;
    std::vector<Socket> sockets_;
    std::vector<std::uint16_t> held_buffers_;
    std::unique_ptr<io::OutMessage[]> messages_;
    std::vector<Sent> sent_;
    std::uint64_t buffers_exhausted_ = 0;
    bool stopped_ = false;
};

}  // namespace chatd::server
