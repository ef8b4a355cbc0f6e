#pragma once
// All connections of a run and the epoll that watches them: opens them, logs each in, reads what
// comes and hands the bodies to the audience, and sends what the members say. Reading and sending
// cost the machine as much as serving does, so every turn reads each ready socket once into one
// shared buffer, and what a publisher says in one turn leaves in one send.
//
// Owns sockets and buffers; borrows adapter and audience. One thread.

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/client/socket.hpp"
#include "load/adapter.hpp"
#include "load/audience.hpp"
#include "load/dial.hpp"

namespace chatd::load {

class Fleet {
public:
    /// `datagram_bytes` is the size of everything said where traits say datagrams.
    Fleet(Adapter& adapter, Audience& audience, std::vector<Member> members,
          std::size_t datagram_bytes, std::uint64_t start_ns);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;
    Fleet(Fleet&&) = delete;
    Fleet& operator=(Fleet&&) = delete;

    /// Connects all members in order and logs them in, at most `logins_max` at a time; `tick` is
    /// called now and then. The error says who could not be connected and why.
    std::expected<void, std::string> open(Dialer& dialer, const std::function<void()>& tick);

    /// Queues `body` as said by the member at `index`; flush() sends what is queued.
    void say(std::uint32_t index, std::string_view body);
    void flush();

    /// Waits for input until `until_ns` at the latest, then reads every ready socket once.
    void turn(std::uint64_t until_ns);

    std::uint32_t ready_count() const noexcept { return ready_count_; }
    /// Bytes said that no socket has taken yet.
    bool unsent() const noexcept { return unsent_bytes_ != 0; }
    /// All bytes that came on all connections.
    std::uint64_t received_bytes() const noexcept { return received_bytes_; }
    /// Why the run cannot go on: a connection closed or refused; empty when it can.
    const std::string& failure() const noexcept { return failure_; }

private:
    struct Connection {
        client::Socket socket;
        Member member;
        bool ready = false;
        bool awaits_room = false;  ///< EPOLLOUT is armed
        bool queued = false;       ///< in speakers_
        std::string rest;          ///< the beginning of a message whose end is still to come
        std::string out;           ///< said, not sent
    };

    std::expected<void, std::string> open_one(Dialer& dialer, std::uint32_t index);
    void read_stream(std::uint32_t index);
    void read_datagrams(std::uint32_t index);
    std::size_t take(std::uint32_t index, std::string_view input);
    void send_stream(std::uint32_t index);
    void send_datagrams(std::uint32_t index);
    void watch(std::uint32_t index, bool room_too);
    void fail(std::uint32_t index, std::string_view why);

    Adapter& adapter_;
    Audience& audience_;
    Adapter::Traits traits_;
    std::size_t datagram_bytes_;
    std::uint64_t start_ns_;

    client::Socket epoll_;
    std::vector<Connection> connections_;
    std::vector<std::uint32_t> speakers_;  ///< who has something queued
    std::size_t unsent_bytes_ = 0;
    std::uint64_t received_bytes_ = 0;
    std::uint32_t ready_count_ = 0;
    std::uint32_t open_count_ = 0;
    std::string failure_;

    struct DatagramBatch;
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<DatagramBatch> batch_;
    Heard heard_;
};

}  // namespace chatd::load
