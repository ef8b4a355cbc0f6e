#pragma once
// The lines one has said that are not known to stand in their rooms yet, oldest first. A bounded
// list; a Session decides what is sent when. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/position.hpp"
#include "chatd/base/time.hpp"

namespace chatd::client {

struct OutboxBounds {
    std::size_t lines_max = 1'000;           ///< what a person types in an outage, and a burst
    std::size_t bytes_max = 1024 * 1024;     ///< of their bodies
    std::size_t body_bytes_max = 16 * 1024;  ///< of one; the server takes 4,096
};

class Outbox {
public:
    struct Line {
        std::string key{};
        std::string room{};
        std::string body{};
        bool action = false;
        Position reply_to{};

        std::uint64_t request = 0;     ///< its id on this connection; 0: not on its way
        bool perhaps_said = false;     ///< it was on its way, and the answer has not come
        bool said_before = false;      ///< so before it was last sent
        Position seen_at{};            ///< where it was seen in its room, before the answer came
        std::uint32_t seen_place = 0;  ///< of which server's room that is: Session::Identity::place
        std::uint32_t identity = 0;  ///< which of one's sessions first sent it; 0: an earlier run's
        Time first_sent{};
        Time not_before{};  ///< the server asked for patience
    };

    explicit Outbox(const OutboxBounds& bounds = {}) noexcept : bounds_(bounds) {}

    /// Why a body of so many bytes is not taken, as one sentence; empty: it is.
    std::string_view refusal(std::size_t body_bytes) const noexcept;
    /// Takes a line, whatever the bounds.
    void add(Line line);

    Line* find_key(std::string_view key) noexcept;
    Line* find_request(std::uint64_t request) noexcept;
    /// Takes it out.
    Line remove(Line& line);
    /// The connection ended: nothing is on its way any more.
    void connection_ended() noexcept;

    std::deque<Line>& lines() noexcept { return lines_; }
    const std::deque<Line>& lines() const noexcept { return lines_; }
    bool empty() const noexcept { return lines_.empty(); }
    std::size_t size() const noexcept { return lines_.size(); }
    std::size_t on_their_way() const noexcept { return on_their_way_; }
    /// Notes that `line` left under that id.
    void left(Line& line, std::uint64_t request) noexcept;
    /// Notes that it has to leave again: this sending did not say it.
    void came_back(Line& line) noexcept;

private:
    OutboxBounds bounds_;
    std::deque<Line> lines_;
    std::size_t bytes_ = 0;
    std::size_t on_their_way_ = 0;
};

}  // namespace chatd::client
