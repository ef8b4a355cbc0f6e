#pragma once
// A chatd for tests of clients: the real engine on a thread of its own, with plain sockets on
// 127.0.0.1. It can be stopped and started again on its port, cut its connections, and drain.

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "chatd/client/clock.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"

namespace chatd::test {

class LoopbackChatd {
public:
    explicit LoopbackChatd(const engine::EngineConfig& config = {}) : driver_(config) {
        listen();
        thread_ = std::thread([this] { run(); });
    }
    ~LoopbackChatd() {
        ending_ = true;
        thread_.join();
    }
    LoopbackChatd(const LoopbackChatd&) = delete;
    LoopbackChatd& operator=(const LoopbackChatd&) = delete;

    client::Target target() const { return {"127.0.0.1", port_}; }
    std::uint64_t accepted() const { return accepted_; }

    /// Each takes effect before it returns.
    void cut_all() { order(Order::cut); }
    void drain() { order(Order::drain); }
    /// Nobody listens any more, and every connection ends.
    void stop() { order(Order::stop); }
    void start() { order(Order::start); }
    /// Stops by itself, instead of hearing more than so much of a connection; 0: does not.
    void stop_after(std::uint32_t heard_max) { heard_max_ = heard_max; }
    bool stopped() const { return stopped_; }

private:
    enum class Order : std::uint8_t { none, cut, drain, stop, start };
    struct Peer {
        client::Socket socket;
        Client* client = nullptr;
        std::uint32_t heard = 0;
    };

    void order(Order order) {
        order_ = order;
        while (order_ != Order::none)
            std::this_thread::sleep_for(1ms);
    }

    void listen() {
        listener_ = client::Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int on = 1;
        ::setsockopt(listener_.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        CHATD_ASSERT(::bind(listener_.fd(), generic, sizeof address) == 0);
        CHATD_ASSERT(::listen(listener_.fd(), 16) == 0);
        socklen_t size = sizeof address;
        CHATD_ASSERT(::getsockname(listener_.fd(), generic, &size) == 0);
        port_ = ntohs(address.sin_port);
    }

    void run() {
        const Time began = client::now();
        const Time engine_began = driver_.now;
        while (!ending_) {
            std::vector<pollfd> polled{{listener_.fd(), POLLIN, 0}};
            for (const Peer& peer : peers_)
                polled.push_back({peer.socket.fd(), POLLIN, 0});
            (void)::poll(polled.data(), polled.size(), 2);
            if ((polled[0].revents & POLLIN) != 0) accept();
            for (Peer& peer : peers_)
                receive(peer);
            if (heard_enough_) carry_out(Order::stop);
            driver_.pass(client::now() - began - (driver_.now - engine_began));
            for (Peer& peer : peers_)
                send(peer);
            peers_.remove_if([](const Peer& peer) { return !peer.socket; });
            carry_out(order_);
            order_ = Order::none;
        }
    }

    void carry_out(Order order) {
        if (order == Order::none) return;
        if (order == Order::drain) driver_.drain();
        if (order == Order::start) listen();
        if (order == Order::start || order == Order::stop) {
            heard_enough_ = false;
            stopped_ = order == Order::stop;
        }
        if (order == Order::stop) listener_.close();
        if (order == Order::cut || order == Order::stop) {
            for (Peer& peer : peers_)
                driver_.reset(*peer.client);
            peers_.clear();
        }
    }

    void accept() {
        client::Socket socket(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) return;
        ++accepted_;
        peers_.push_back({std::move(socket), &driver_.connect()});
    }
    void receive(Peer& peer) {
        std::array<std::byte, 4096> buffer;
        const client::Transfer came = client::receive_now(peer.socket, buffer);
        using Outcome = client::Transfer::Outcome;
        if (came.outcome == Outcome::moved) {
            heard_enough_ = heard_enough_ || (heard_max_ != 0 && ++peer.heard > heard_max_);
            if (heard_enough_) return;
            driver_.say(*peer.client, as_text(Bytes(buffer).first(came.bytes)));
        } else if (came.outcome != Outcome::nothing) {
            driver_.reset(*peer.client);
            peer.socket.close();
        }
    }
    void send(Peer& peer) {
        std::string& waiting = peer.client->received;
        if (peer.socket && !waiting.empty()) {
            const client::Transfer went = client::send_now(peer.socket, as_bytes(waiting));
            waiting.erase(0, went.bytes);
        }
        if (peer.client->ended() && waiting.empty()) peer.socket.close();
    }

    EngineDriver driver_;
    client::Socket listener_;
    std::uint16_t port_ = 0;
    std::list<Peer> peers_;
    std::atomic<std::uint64_t> accepted_ = 0;
    std::atomic<std::uint32_t> heard_max_ = 0;
    std::atomic<bool> stopped_ = false;
    bool heard_enough_ = false;
    std::atomic<Order> order_ = Order::none;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

}  // namespace chatd::test
