#pragma once
// What came back: how it is printed, and whether it is what was expected. Values in, values out.
// One thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/time.hpp"
#include "options.hpp"
#include "udp_payload.hpp"

namespace chatd::terminal {

/// Appends `bytes` in `style`, ending with a newline except in PrintStyle::raw. `after` is the time
/// since the last datagram was sent: part of JSON, and before every other style but raw if
/// `show_time`. Nothing but raw lets a control character through.
void append_reply(std::string& out, Bytes bytes, PrintStyle style, Duration after, bool show_time);

/// What the user waits for: the expected datagrams in order, others in between allowed; or, without
/// any, a number of datagrams.
class Expectation {
public:
    /// `replies` counts only if `expected` is empty; 0 is never met.
    Expectation(std::vector<Payload> expected, std::uint64_t replies) noexcept
        : expected_(std::move(expected)), replies_(replies) {}

    void received(Bytes bytes);

    bool met() const noexcept;
    std::uint64_t received_count() const noexcept { return received_count_; }
    /// The datagram still waited for; null if there is none.
    const Payload* missing() const noexcept;

private:
    std::vector<Payload> expected_;
    std::size_t met_count_ = 0;
    std::uint64_t replies_;
    std::uint64_t received_count_ = 0;
};

}  // namespace chatd::terminal
