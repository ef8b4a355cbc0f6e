#include "chatd/client/outbox.hpp"

#include <algorithm>
#include <utility>

namespace chatd::client {

std::string_view Outbox::refusal(std::size_t body_bytes) const noexcept {
    if (body_bytes == 0) return "There is nothing to say.";
    if (body_bytes > bounds_.body_bytes_max) return "A message of that size is not taken.";
    if (lines_.size() >= bounds_.lines_max || bytes_ + body_bytes > bounds_.bytes_max) {
        return "Too many lines wait to be said; wait for some of them.";
    }
    return {};
}

void Outbox::add(Line line) {
    bytes_ += line.body.size();
    lines_.push_back(std::move(line));
}

Outbox::Line* Outbox::find_key(std::string_view key) noexcept {
    const auto found = std::find_if(lines_.begin(), lines_.end(),
                                    [key](const Line& line) { return line.key == key; });
    return found == lines_.end() ? nullptr : &*found;
}

Outbox::Line* Outbox::find_request(std::uint64_t request) noexcept {
    // Those on their way are the oldest but for the few that the server put off.
    const auto found = std::find_if(lines_.begin(), lines_.end(), [request](const Line& line) {
        return line.request == request;
    });
    return found == lines_.end() || request == 0 ? nullptr : &*found;
}

Outbox::Line Outbox::remove(Line& line) {
    if (line.request != 0) --on_their_way_;
    bytes_ -= line.body.size();
    const auto at = std::find_if(lines_.begin(), lines_.end(),
                                 [&line](const Line& other) { return &other == &line; });
    Line removed = std::move(*at);
    lines_.erase(at);
    return removed;
}

void Outbox::connection_ended() noexcept {
    for (Line& line : lines_)
        line.request = 0;
    on_their_way_ = 0;
}

void Outbox::left(Line& line, std::uint64_t request) noexcept {
    line.request = request;
    line.said_before = std::exchange(line.perhaps_said, true);
    ++on_their_way_;
}

void Outbox::came_back(Line& line) noexcept {
    line.request = 0;
    line.perhaps_said = line.said_before;
    --on_their_way_;
}

}  // namespace chatd::client
