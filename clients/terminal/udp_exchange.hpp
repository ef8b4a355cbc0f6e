#pragma once
// The datagrams of one chatcli udp run: sending at a pace, receiving, moving on to the next address
// where nobody listens, leaving at the end. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chatd/client/dial.hpp"
#include "chatd/client/line_reader.hpp"
#include "chatd/client/socket.hpp"
#include "options.hpp"
#include "udp_payload.hpp"
#include "udp_reply.hpp"

namespace chatd::terminal {

class UdpExchange {
public:
    /// `payload` is what is sent, unless the options say that lines of standard input are.
    UdpExchange(const UdpOptions& options, std::vector<client::Endpoint> endpoints, Payload payload,
                Expectation expectation);

    /// Blocks to the end. One of ExitCode, or 128+n after a signal.
    int run();

private:
    void turn();
    bool finished(Time at) const noexcept;
    int result() const;

    Time send_due() const noexcept;
    Time deadline() const noexcept;
    bool connect_next();
    void send_one();
    void pace();
    void handle_send_error(int error);
    void leave() noexcept;

    void receive();
    void print(Bytes bytes);
    void refused();

    bool wants_line() const noexcept;
    void read_lines();
    void take_line(std::string_view line);
    void read_signal();
    void end(int status, std::string_view what);

    const UdpOptions& options_;
    std::vector<client::Endpoint> endpoints_;
    std::size_t endpoint_index_ = 0;  // the next to try; the current one is before it
    std::string refusals_;
    client::Socket socket_;
    client::Socket signals_;

    bool from_lines_;
    client::LineReader lines_;
    std::vector<Payload> queued_;  // of one read from standard input
    std::size_t queued_at_ = 0;
    std::uint64_t line_number_ = 0;
    bool input_ended_ = false;

    Payload payload_;
    std::uint64_t sends_left_ = 0;  // of payload_; meaningless while sends_forever_
    bool sends_forever_ = false;
    bool blocked_ = false;  // the kernel takes no more just now
    bool resend_ = false;   // to another address, since the last one was refused
    Time next_send_{};
    Time last_sent_{};
    std::uint64_t sent_count_ = 0;
    bool last_was_empty_ = false;

    Expectation expectation_;
    std::optional<int> ending_;
};

}  // namespace chatd::terminal
